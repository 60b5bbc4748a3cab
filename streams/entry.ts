/** The recipient that stands for the entry as a whole, where nobody could be resolved. */
export const WHOLE_ENTRY = '*';

/**
 * How far one recipient of an entry has come. `started`: its send may be under way, or was when its process died; `alone`:
 * the same while nothing else was under way in the partition.
 */
export type RecipientState = 'started' | 'alone' | 'waiting' | 'done' | 'dead';

export interface RecipientRecord {
  recipient: string;
  /** Attempts begun, the one under way included. */
  attempts: number;
  state: RecipientState;
  /** How many owners of the partition ended during an attempt of this recipient. */
  crashes: number;
  /** Any JSON: the receipt of `done`, the failure of `dead`, else the first failure so far; undefined for none. */
  note: unknown;
}

/** One entry of a work stream, as its owner holds it. */
export interface StreamEntry {
  id: string;
  /** Field `event`, undecoded. */
  event: string;
  /** Deduplication key of an event from an outbox; its marker goes when the entry is settled. */
  key: string | null;
  /** An earlier copy of this event, or an earlier owner of this entry, may have delivered it in part. */
  redelivered: boolean;
  /** Replayed for this recipient alone, or for all ({@link WHOLE_ENTRY}); null for an entry that was never dead. */
  only: string | null;
  /** What this owner and earlier ones know of its recipients, in no order; one that was never attempted may be missing. */
  records: RecipientRecord[];
}

const STATE_CODES = {
  started: 's',
  alone: 'a',
  waiting: 'w',
  done: 'd',
  dead: 'x',
} as const satisfies Record<RecipientState, string>;
const STATES = new Map<unknown, RecipientState>(
  (Object.keys(STATE_CODES) as RecipientState[]).map((state) => [STATE_CODES[state], state]),
);

/** An entry's field of the ledger: JSON, `[[recipient, attempts, a letter for the state, crashes, note?], …]`. */
export function encodeRecords(records: readonly RecipientRecord[]): string {
  return JSON.stringify(
    records.map(({ recipient, attempts, state, crashes, note }) => {
      const code = STATE_CODES[state];
      return note === undefined ? [recipient, attempts, code, crashes] : [recipient, attempts, code, crashes, note];
    }),
  );
}

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0;

/** What cannot be read counts as no attempt: at worst a message is repeated, never lost. */
export function decodeRecords(text: string): RecipientRecord[] {
  let items: unknown;
  try {
    items = JSON.parse(text);
  } catch {
    return [];
  }
  if (!Array.isArray(items)) return [];
  return items.flatMap((item: unknown) => {
    if (!Array.isArray(item)) return [];
    const [recipient, attempts, code, crashes, note] = item as unknown[];
    const state = STATES.get(code);
    if (typeof recipient !== 'string' || !state || !isCount(attempts) || !isCount(crashes)) return [];
    return [{ recipient, attempts, state, crashes, note }];
  });
}

/** The recipient's record, made when there is none. */
export function recordOf(entry: StreamEntry, recipient: string): RecipientRecord {
  for (const record of entry.records) if (record.recipient === recipient) return record;
  const fresh: RecipientRecord = { recipient, attempts: 0, state: 'waiting', crashes: 0, note: undefined };
  if (entry.records.length === 0) entry.records = [fresh];
  else entry.records.push(fresh);
  return fresh;
}

/** Of a name that stands twice the last value counts. @param flat name, value, name, value, … as Redis sends fields */
export function pairs(flat: readonly string[]): Map<string, string> {
  const map = new Map<string, string>();
  for (let index = 0; index + 1 < flat.length; index += 2) map.set(flat[index] as string, flat[index + 1] as string);
  return map;
}

const NONE: RecipientRecord[] = [];

/** @param flatFields field, value, field, value, … as Redis sends them; a missing field `event` reads as empty. */
export function readEntry(id: string, flatFields: readonly string[]): StreamEntry {
  const entry: StreamEntry = { id, event: '', key: null, redelivered: false, only: null, records: NONE };
  for (let index = 0; index + 1 < flatFields.length; index += 2) {
    const value = flatFields[index + 1] as string;
    switch (flatFields[index]) {
      case 'event':
        entry.event = value;
        break;
      case 'key':
        entry.key = value;
        break;
      case 'only':
        entry.only = value;
        break;
      case 'redelivered':
        entry.redelivered = true;
        break;
      default:
    }
  }
  return entry;
}

/**
 * An entry that was pending before its present owner came.
 * @param records its field of the ledger; empty for none
 */
export function readClaimedEntry(id: string, flatFields: readonly string[], records: string): StreamEntry {
  const entry = readEntry(id, flatFields);
  entry.redelivered = true;
  if (records !== '') entry.records = decodeRecords(records);
  return entry;
}

/** Whether an entry's id (`ms-sequence`) comes after another's. */
export function isLaterId(id: string, than: string): boolean {
  const [ms = 0, sequence = 0] = id.split('-').map(Number);
  const [otherMs = 0, otherSequence = 0] = than.split('-').map(Number);
  return ms > otherMs || (ms === otherMs && sequence > otherSequence);
}
