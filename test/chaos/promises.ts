import type { Promised } from './bookers.ts';
import type { CommittedEvent } from './history.ts';

/** What the API said yes to must be committed exactly once, and nothing else may be. */
export function brokenPromises(
  promised: readonly Promised[],
  committed: readonly CommittedEvent[],
  bookings: number,
): string[] {
  const keyOf = ({ booking, version, type }: Promised) => `booking ${booking} v${version} ${type}`;
  const broken: string[] = [];
  const counts = new Map<string, number>();
  for (const event of committed) counts.set(keyOf(event as Promised), (counts.get(keyOf(event as Promised)) ?? 0) + 1);
  for (const promise of promised)
    if (!counts.has(keyOf(promise))) broken.push(`promised and not committed: ${keyOf(promise)}`);
  for (const [key, count] of counts) if (count > 1) broken.push(`committed ${count} times: ${key}`);
  const created = promised.filter(({ type }) => type === 'booking_created').length;
  if (bookings !== created) broken.push(`${created} bookings were promised, and ${bookings} exist`);
  return broken;
}
