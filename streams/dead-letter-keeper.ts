import type { Redis } from 'ioredis';
import { pairs } from './entry.ts';
import type { PartitionKeys } from './keys.ts';
import { script } from './script.ts';

/**
 * KEYS: dead stream, work stream. ARGV: ids. Answers the ids of those put back. Adding to the one stream and deleting from
 * the other is one step, so a letter is never in both and never replayed twice. The fields `key` and `only` of an earlier
 * life are left out: a replay has no outbox row and no marker to close. Lua cannot pass on more than some 8,000 values; of
 * such an entry only the event goes back, which is all that is ever read of it.
 */
const replayScript = script(`
local replayed = {}
for _, id in ipairs(ARGV) do
  local letter = redis.call('XRANGE', KEYS[1], id, id)[1]
  local fields = {}
  for i = 1, letter and #letter[2] or 0, 2 do fields[letter[2][i]] = letter[2][i + 1] end
  if fields.recipient and fields.event then
    local entry = {}
    local readable, raw = pcall(cjson.decode, fields.raw or '[]')
    for i = 1, readable and type(raw) == 'table' and #raw or 0, 2 do
      local name, value = raw[i], raw[i + 1]
      local ours = name == 'key' or name == 'only' or name == 'redelivered'
      if type(name) == 'string' and type(value) == 'string' and not ours then
        entry[#entry + 1] = name
        entry[#entry + 1] = value
      end
    end
    if #entry == 0 or #entry > 7000 then entry = { 'event', fields.event } end
    redis.call('XADD', KEYS[2], '*', 'redelivered', 1, 'only', fields.recipient, unpack(entry))
    redis.call('XDEL', KEYS[1], id)
    replayed[#replayed + 1] = id
  end
end
return replayed`);

const discardScript = script(`
local discarded = {}
for _, id in ipairs(ARGV) do
  if redis.call('XDEL', KEYS[1], id) == 1 then discarded[#discarded + 1] = id end
end
return discarded`);

/** An entry of the dead stream. Anybody may have added it: what cannot be read is null. */
export interface KeptLetter {
  id: string;
  /** The field `event` of the entry that died, undecoded. */
  event: string | null;
  /** All fields of an entry that died as a whole, or of something here that is no letter. */
  raw: Record<string, string> | null;
  /** Null for what is no letter: it can be discarded, not replayed. */
  recipient: string | null;
  channel: string | null;
  attempts: number | null;
  firstError: string | null;
  lastError: string | null;
  firstFailedAt: Date | null;
  diedAt: Date | null;
}

/** Ids of the dead stream, both ends included except `after`. */
export interface LetterRange {
  /** The last id already seen; '' for none. */
  after: string;
  upTo?: string;
  count: number;
}

/** What people do with the dead letters of one partition, whoever owns it. Lists are in the order of death. */
export interface DeadLetterKeeper {
  count(): Promise<number>;
  list(range: LetterRange): Promise<KeptLetter[]>;
  get(id: string): Promise<KeptLetter | null>;
  /** The id of the youngest; null when there is none. */
  newest(): Promise<string | null>;
  /** Back into the work stream, for their recipient alone and with no attempt used. Answers the ids of those that were letters. */
  replay(ids: readonly string[]): Promise<string[]>;
  /** Answers the ids of those that were there. */
  discard(ids: readonly string[]): Promise<string[]>;
}

export function createDeadLetterKeeper({ redis, keys }: { redis: Redis; keys: PartitionKeys }): DeadLetterKeeper {
  const list = async ({ after, upTo = '+', count }: LetterRange): Promise<KeptLetter[]> => {
    const entries = await redis.xrange(keys.dead, after === '' ? '-' : `(${after}`, upTo, 'COUNT', count);
    return entries.map(([id, flat]) => readLetter(id, flat));
  };
  return {
    count: () => redis.xlen(keys.dead),
    list,
    async get(id) {
      const [entry] = await redis.xrange(keys.dead, id, id);
      return entry ? readLetter(id, entry[1]) : null;
    },
    async newest() {
      const [entry] = await redis.xrevrange(keys.dead, '+', '-', 'COUNT', 1);
      return entry?.[0] ?? null;
    },
    async replay(ids) {
      return (await replayScript.run(redis, [keys.dead, keys.stream], [...ids])) as string[];
    },
    async discard(ids) {
      return (await discardScript.run(redis, [keys.dead], [...ids])) as string[];
    },
  };
}

/** @param flat as Redis sends fields */
export function readLetter(id: string, flat: readonly string[]): KeptLetter {
  const fields = pairs(flat);
  const text = (name: string): string | null => fields.get(name) ?? null;
  const [event, recipient] = [text('event'), text('recipient')];
  const isLetter = event !== null && recipient !== null;
  return {
    id,
    event,
    raw: isLetter ? readRaw(text('raw')) : Object.fromEntries(fields),
    recipient: isLetter ? recipient : null,
    channel: text('channel'),
    attempts: readCount(text('attempts')),
    firstError: text('first_error'),
    lastError: text('last_error'),
    firstFailedAt: readInstant(text('first_failed_at')),
    diedAt: readInstant(text('died_at')),
  };
}

function readRaw(json: string | null): Record<string, string> | null {
  if (json === null) return null;
  try {
    const flat: unknown = JSON.parse(json);
    return Array.isArray(flat) ? Object.fromEntries(pairs(flat.map(String))) : null;
  } catch {
    return null;
  }
}

const readCount = (text: string | null): number | null =>
  text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;

function readInstant(text: string | null): Date | null {
  const instant = new Date(text ?? Number.NaN);
  return Number.isNaN(instant.getTime()) ? null : instant;
}
