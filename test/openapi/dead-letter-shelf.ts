import type { DeadLetterService } from '#src/dead-letters/dead-letter-service.ts';
import type { LetterView } from '#src/dead-letters/letter-view.ts';
import { StreamUnavailable } from '#src/dispatch/event-publisher.ts';

const LETTER: LetterView = {
  id: 'p2p:0:1795404292730-0',
  stream: 'p2p',
  event: { id: 'crm-991', type: 'booking_cancelled', company_id: 1, booking_id: 1 },
  raw: null,
  recipient: 'user:1',
  user_id: 1,
  channel: 'telegram',
  attempts: 3,
  first_error: 'telegram_500: Internal Server Error',
  last_error: 'telegram_500: Internal Server Error',
  first_failed_at: new Date('2026-11-23T10:00:00Z'),
  died_at: new Date('2026-11-23T10:00:11Z'),
};

/** One letter, which stays however often it is taken. */
export function createShelf(faults: { redisIsAway: boolean; shelfIsBroken: boolean }): DeadLetterService {
  const check = () => {
    if (faults.redisIsAway) throw new StreamUnavailable('the dead letters cannot be read right now');
    if (faults.shelfIsBroken) throw new TypeError('a fault of ours');
  };
  return {
    async list() {
      check();
      return { items: [LETTER], next: null };
    },
    async get(id) {
      check();
      return id === LETTER.id ? LETTER : null;
    },
    async count() {
      check();
      return 1;
    },
    async handle(_act, ids) {
      check();
      const missing = ids.filter((id) => id !== LETTER.id);
      return { done: ids.length - missing.length, missing };
    },
    async handleAll() {
      check();
      return 1;
    },
  };
}
