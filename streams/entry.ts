/** The recipient that stands for the entry as a whole, where nobody could be resolved. */
export const WHOLE_ENTRY = '*';

/**
 * How far one recipient of an entry has come. `started`: its send may be under way, or was when its process died; `alone`:
 * the same while nothing else was under way in the partition.
 */
export type RecipientState = 'started' | 'alone' | 'waiting' | 'done' | 'dead';

export interface RecipientRecord {
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
  /** What earlier owners recorded, by recipient. */
  ledger: ReadonlyMap<string, RecipientRecord>;
}

const STATE_CODES = {
  started: 's',
  alone: 'a',
  waiting: 'w',
  done: 'd',
  dead: 'x',
} as const satisfies Record<RecipientState, string>;
const STATES = new Map<string, RecipientState>(
  (Object.keys(STATE_CODES) as RecipientState[]).map((state) => [STATE_CODES[state], state]),
);

/** A ledger value: attempts, a letter for the state, crashes, and the note: `2w0:{"code":…}`. */
export function encodeRecord({ attempts, state, crashes, note }: RecipientRecord): string {
  return `${attempts}${STATE_CODES[state]}${crashes}:${note === undefined ? '' : JSON.stringify(note)}`;
}

/** An unreadable value counts as no attempt, an unreadable note as none: at worst a message is repeated, never lost. */
function decodeRecord(value: string): RecipientRecord {
  const [, attempts, code = '', crashes, text = ''] = /^(\d{1,6})([a-z])(\d{1,6}):(.*)$/s.exec(value) ?? [];
  const state = STATES.get(code);
  if (!state) return { attempts: 0, state: 'waiting', crashes: 0, note: undefined };
  const record = { attempts: Number(attempts), state, crashes: Number(crashes), note: undefined };
  if (text === '') return record;
  try {
    return { ...record, note: JSON.parse(text) };
  } catch {
    return state === 'done' ? { ...record, state: 'waiting' } : record;
  }
}

/** Of a name that stands twice the last value counts. @param flat name, value, name, value, … as Redis sends fields */
export function pairs(flat: readonly string[]): Map<string, string> {
  const map = new Map<string, string>();
  for (let index = 0; index + 1 < flat.length; index += 2) map.set(flat[index] as string, flat[index + 1] as string);
  return map;
}

const EMPTY: ReadonlyMap<string, RecipientRecord> = new Map();

/** @param flatFields field, value, field, value, … as Redis sends them; a missing field `event` reads as empty. */
export function readEntry(id: string, flatFields: readonly string[]): StreamEntry {
  const fields = pairs(flatFields);
  return {
    id,
    event: fields.get('event') ?? '',
    key: fields.get('key') ?? null,
    redelivered: fields.has('redelivered'),
    only: fields.get('only') ?? null,
    ledger: EMPTY,
  };
}

/** An entry that was pending before its present owner came. */
export function readClaimedEntry(
  id: string,
  flatFields: readonly string[],
  flatLedger: readonly string[],
): StreamEntry {
  const ledger = new Map([...pairs(flatLedger)].map(([recipient, value]) => [recipient, decodeRecord(value)]));
  return { ...readEntry(id, flatFields), redelivered: true, ledger };
}

/** Whether an entry's id (`ms-sequence`) comes after another's. */
export function isLaterId(id: string, than: string): boolean {
  const [ms = 0, sequence = 0] = id.split('-').map(Number);
  const [otherMs = 0, otherSequence = 0] = than.split('-').map(Number);
  return ms > otherMs || (ms === otherMs && sequence > otherSequence);
}
