import type { Redis } from 'ioredis';
import { encodeRecord, type StreamEntry } from './entry.ts';
import type { PartitionKeys } from './keys.ts';
import { FENCE, script } from './script.ts';

/** The dead entry and the ledger's mark in one step, so that a repeated burial adds nothing. */
const buryScript = script(`${FENCE}
local record = redis.call('HGET', KEYS[3], ARGV[2])
if record and string.find(record, '^%d+x') then return 0 end
redis.call('XADD', KEYS[2], '*', unpack(ARGV, 4))
redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
return 1`);

/** Why a delivery failed: a stable code, and the provider's or our own words. */
export interface Failure {
  code: string;
  message: string;
}

/** One failed recipient of one event, as it stands in the dead stream. */
export interface DeadLetter {
  recipient: string;
  attempts: number;
  firstError: Failure;
  lastError: Failure;
  diedAt: Date;
}

export interface DeadLetters {
  /** Safe to repeat: a recipient of an entry is buried once. */
  bury(entry: StreamEntry, letter: DeadLetter): Promise<void>;
}

export function createDeadLetters(options: { redis: Redis; keys: PartitionKeys; token: string }): DeadLetters {
  const { redis, keys, token } = options;
  return {
    async bury(entry, letter) {
      const note = JSON.stringify(letter.lastError);
      const mark = encodeRecord({ attempts: letter.attempts, state: 'dead', note });
      const fields = {
        event: entry.event,
        entry_id: entry.id,
        recipient: letter.recipient,
        attempts: String(letter.attempts),
        first_error: `${letter.firstError.code}: ${letter.firstError.message}`,
        last_error: `${letter.lastError.code}: ${letter.lastError.message}`,
        died_at: letter.diedAt.toISOString(),
      };
      await buryScript.run(
        redis,
        [keys.lease, keys.dead, `${keys.ledgerPrefix}${entry.id}`],
        [token, letter.recipient, mark, ...Object.entries(fields).flat()],
      );
    },
  };
}
