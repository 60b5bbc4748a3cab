import { createSeededRandom } from '#test/chaos/seeded-random.ts';
import { chatOf, PEOPLE } from './salons.ts';

/** What every contender is given to do. */

/** As Telegram grants a bot. */
export const RATE_PER_SECOND = 30;
export const BOOKINGS_PER_SECOND = 2;
/** Made before the broadcast begins, so that nothing is compiled while it is measured. */
export const WARM_UP_BOOKINGS = 20;
export const AD_HTML = '<b>Неделя окрашивания</b>\nСкидка 20 % до воскресенья. Запись — в два нажатия.';
export const BOOKING_TEXT = 'Новая запись\n28.01.2027 14:00\nСтрижка · 90 мин\nАнна Сергеевна';

const FIRST_RECIPIENT = 1_000_000_000;
const SHARE_OF_429 = 1 / 100;
const LONGEST_RETRY_SECONDS = 3;
const SEED = 6;

/** What goes wrong in a run. */
export type Trouble = 'none' | '429' | 'kill' | 'stalls';

export const recipientChat = (index: number): number => FIRST_RECIPIENT + index;
export const isRecipient = (chat: number): boolean => chat >= FIRST_RECIPIENT;

/** Each salon is booked once, so that a message's chat tells its booking. */
export const chatsOfBooking = (salon: number): number[] => PEOPLE.map((person) => chatOf(salon, person));

/** One sendMessage as the receiver saw it. */
export interface Arrival {
  /** When its whole request was in, on `monotonicMs`'s clock. */
  at: number;
  chat: number;
  /** 200: it was taken. */
  status: number;
}

export interface Booking {
  salon: number;
  /** When its maker knew that it was kept, on `monotonicMs`'s clock. */
  committedAt: number;
}

/** Chats that get a 429 for their first message, with the seconds to wait: about one in a hundred, the same in each run. */
export function scripted429s(recipients: number): Map<number, number> {
  const random = createSeededRandom(SEED);
  const script = new Map<number, number>();
  for (let index = 0; index < recipients; index += 1)
    if (random.chance(SHARE_OF_429)) script.set(recipientChat(index), random.integer(1, LONGEST_RETRY_SECONDS));
  return script;
}
