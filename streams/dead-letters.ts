import type { Redis } from 'ioredis';
import { encodeRecords, recordOf, type StreamEntry, WHOLE_ENTRY } from './entry.ts';
import type { PartitionKeys } from './keys.ts';
import { OWNER, script } from './script.ts';

/**
 * KEYS: lease, dead stream, ledger, stream. ARGV: token, entry id, its records, '1' for an entry that dies as a whole, recipient, then
 * the letter. The dead entry and the ledger's mark go in one step, so that a repeated burial adds nothing. Of an entry that dies as a
 * whole the fields are kept as they are, byte for byte: a JSON array of names and values in turn.
 */
const buryScript = script(`${OWNER}
local readable, records = pcall(cjson.decode, redis.call('HGET', KEYS[3], ARGV[2]) or '[]')
for _, record in ipairs(readable and type(records) == 'table' and records or {}) do
  if type(record) == 'table' and record[1] == ARGV[5] and record[3] == 'x' then return 0 end
end
local letter = { unpack(ARGV, 6) }
local entry = ARGV[4] == '1' and redis.call('XRANGE', KEYS[4], ARGV[2], ARGV[2])[1]
if entry then
  letter[#letter + 1] = 'raw'
  letter[#letter + 1] = cjson.encode(entry[2])
end
redis.call('XADD', KEYS[2], '*', unpack(letter))
redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
return 1`);

/** Why a delivery failed: a stable code, the provider's or our own words, and the channel that was tried, if one was. */
export interface Failure {
  code: string;
  message: string;
  channel?: string;
}

/** One failed recipient of one event. */
export interface DeadLetter {
  recipient: string;
  attempts: number;
  firstError: Failure;
  lastError: Failure;
  firstFailedAt: Date;
  diedAt: Date;
}

export interface DeadLetters {
  /** Safe to repeat: a recipient of an entry is buried once. */
  bury(entry: StreamEntry, letter: DeadLetter): Promise<void>;
}

const describe = ({ code, message }: Failure): string => `${code}: ${message}`;

/** The fields of a dead entry. What was replayed for one recipient and dies as a whole is still theirs alone. */
function fieldsOf(entry: StreamEntry, letter: DeadLetter): Record<string, string> {
  const { firstError, lastError } = letter;
  const channel = lastError.channel ?? firstError.channel;
  return {
    event: entry.event,
    entry_id: entry.id,
    recipient: letter.recipient === WHOLE_ENTRY ? (entry.only ?? WHOLE_ENTRY) : letter.recipient,
    ...(channel !== undefined && { channel }),
    attempts: String(letter.attempts),
    first_error: describe(firstError),
    last_error: describe(lastError),
    first_failed_at: letter.firstFailedAt.toISOString(),
    died_at: letter.diedAt.toISOString(),
  };
}

/** The owner's side of the dead stream. @see createDeadLetterKeeper for everybody else's */
export function createDeadLetters(options: { redis: Redis; keys: PartitionKeys; token: string }): DeadLetters {
  const { redis, keys, token } = options;
  return {
    async bury(entry, letter) {
      const { recipient, attempts, lastError: note } = letter;
      const record = recordOf(entry, recipient);
      const before = { ...record };
      // At once, and the script before it: what else is written of the entry meanwhile must neither bring the recipient back to life nor
      // call them dead before there is a letter.
      Object.assign(record, { attempts, state: 'dead', crashes: 0, note });
      const isWhole = recipient === WHOLE_ENTRY ? '1' : '0';
      const head = [token, entry.id, encodeRecords(entry.records), isWhole, recipient];
      const letterFields = Object.entries(fieldsOf(entry, letter)).flat();
      try {
        await buryScript.runAtOnce(
          redis,
          [keys.lease, keys.dead, keys.ledger, keys.stream],
          [...head, ...letterFields],
        );
      } catch (error) {
        Object.assign(record, before);
        throw error;
      }
    },
  };
}
