/**
 * Gives out places one by one, each to whoever has the fewest then; among equals to the first of them.
 * @returns those who get some, in the order given
 */
export function shareRoom(
  takers: readonly { id: number; has: number }[],
  room: number,
): { id: number; places: number }[] {
  const shares = takers.map(({ id, has }) => ({ id, has, places: 0 }));
  for (let left = room; left > 0 && shares.length > 0; left -= 1) {
    const next = shares.reduce((best, one) => (one.has + one.places < best.has + best.places ? one : best));
    next.places += 1;
  }
  return shares.filter(({ places }) => places > 0).map(({ id, places }) => ({ id, places }));
}
