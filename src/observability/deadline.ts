class Overdue extends Error {
  readonly code = 'overdue';
}

/** What the work answers in time. @throws what it throws, and `overdue` when it has not ended by then; it goes on unheard. */
export async function inDeadline<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Overdue(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, overdue]);
  } finally {
    clearTimeout(timer);
  }
}
