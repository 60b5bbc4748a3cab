import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestSupply } from './api-requests.ts';
import { createDueTimes } from './due-times.ts';
import { type HttpConnection, openHttpConnection } from './http-connection.ts';

/** Times of `performance.now()`, by number of request. */
export interface Sent {
  dueAt: number[];
  /** Undefined for what got no answer. */
  answeredAt: (number | undefined)[];
  startedAt: number;
}

interface Crew {
  connections: HttpConnection[];
  supply: RequestSupply;
  durationMs: number;
  /** After the last one was due; see `postAtRate`. */
  stragglersMs: number;
  /** Rejects with the first failure of any connection or answer. */
  fail(error: Error): void;
}

const TICK_MS = 1;

/** Closed loop: each connection posts its next request when the answer to the one before was read. */
export async function postInTurn({ connections, supply, durationMs, fail }: Crew): Promise<Sent> {
  const sent: Sent = { dueAt: [], answeredAt: [], startedAt: performance.now() };
  const endsAt = sent.startedAt + durationMs;
  await Promise.all(
    connections.map(
      (connection) =>
        new Promise<void>((resolve) => {
          const next = () => {
            const now = performance.now();
            if (now >= endsAt) return resolve();
            const number = sent.dueAt.push(now) - 1;
            connection.post(supply.next(), (status) => {
              if (status !== supply.status) return fail(new Error(`it answered ${status}`));
              sent.answeredAt[number] = performance.now();
              next();
            });
          };
          next();
        }),
    ),
  );
  return sent;
}

/**
 * Open loop: requests are due at a fixed rate, and wait for a free connection in order. Their latencies count from when they were
 * due, so a server that stalls is charged with all who would have come meanwhile (no coordinated omission).
 */
export async function postAtRate(crew: Crew, perSecond: number): Promise<Sent> {
  const { connections, supply, durationMs, stragglersMs, fail } = crew;
  const due = createDueTimes({ perSecond, durationMs });
  const startedAt = performance.now();
  const dueAt = Array.from({ length: due.count }, (_, number) => startedAt + due.at(number));
  const sent: Sent = { dueAt, answeredAt: Array.from({ length: due.count }), startedAt };
  const idle = [...connections];
  let issued = 0;
  let answered = 0;

  const pump = () => {
    const ready = due.by(performance.now() - startedAt);
    for (let connection = idle.pop(); connection; connection = idle.pop()) {
      if (issued >= ready) return void idle.push(connection);
      post(connection, issued);
      issued += 1;
    }
  };
  const post = (connection: HttpConnection, number: number) =>
    connection.post(supply.next(), (status) => {
      if (status !== supply.status) return fail(new Error(`it answered ${status}`));
      sent.answeredAt[number] = performance.now();
      answered += 1;
      idle.push(connection);
      pump();
    });

  const ticking = setInterval(pump, TICK_MS);
  const giveUpAt = startedAt + durationMs + stragglersMs;
  try {
    while (answered < due.count && performance.now() < giveUpAt) await sleep(10);
  } finally {
    clearInterval(ticking);
  }
  return sent;
}

/** Opens the connections first, and closes them at the end. @throws what any of them failed with */
export async function withConnections<T>(
  url: string,
  count: number,
  work: (connections: HttpConnection[], fail: (error: Error) => void) => Promise<T>,
): Promise<T> {
  const { promise: failed, reject: fail } = rejection();
  const connections: HttpConnection[] = [];
  try {
    while (connections.length < count) connections.push(await openHttpConnection(url, fail));
    return await Promise.race([work(connections, fail), failed]);
  } finally {
    for (const connection of connections) connection.close();
  }
}

function rejection(): { promise: Promise<never>; reject(error: Error): void } {
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<never>((_, rejectPromise) => {
    reject = rejectPromise;
  });
  promise.catch(() => undefined); // whoever waits for it hears of it
  return { promise, reject };
}
