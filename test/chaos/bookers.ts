import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from './api-client.ts';
import type { Salon } from './salons.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What the API said yes to. */
export interface Promised {
  booking: number;
  version: number;
  type: 'booking_created' | 'booking_rescheduled' | 'booking_cancelled';
}

export interface BookerOptions {
  api: ApiClient;
  salon: Salon;
  random: SeededRandom;
  name: string;
  /** The mean pause between two requests. */
  everyMs: number;
  promised: Promised[];
  /** Aborts when no further booking may be begun. */
  ending: AbortSignal;
}

/** Books, moves and cancels, one request at a time. Resolves when the last booking begun is through. */
export async function runBooker(options: BookerOptions): Promise<void> {
  const { api, salon, random, name, everyMs, promised, ending } = options;
  const pause = () => sleep(random.integer(0, everyMs * 2), undefined, { signal: ending }).catch(() => undefined);

  for (let number = 1; !ending.aborted; number += 1) {
    const key = `${name}-${number}`;
    const body = { ...salon.references, starts_at: salon.nextSlot(), allow_overlap: true };
    const { id: booking, version } = await api.request('POST', '/v1/bookings', body, key);
    promised.push({ booking, version, type: 'booking_created' });
    await pause();
    for (
      let moves = random.weighted([
        [5, 0],
        [3, 1],
        [2, 2],
      ]);
      moves > 0;
      moves -= 1
    ) {
      // A repeated PATCH changes nothing more, so it needs no key.
      const change = { starts_at: salon.nextSlot(), allow_overlap: true };
      const moved = await api.request('PATCH', `/v1/bookings/${booking}`, change);
      promised.push({ booking, version: moved.version, type: 'booking_rescheduled' });
      await pause();
    }
    if (!random.chance(0.25)) continue;
    const cancelled = await api.request('POST', `/v1/bookings/${booking}/cancel`, {}, `${key}-cancel`);
    promised.push({ booking, version: cancelled.version, type: 'booking_cancelled' });
    await pause();
  }
}
