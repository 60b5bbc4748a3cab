import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { LoadDone, LoadOrder } from './api-load.ts';
import { postAtRate, postInTurn, withConnections } from './api-paces.ts';
import { createRequestSupply, type RequestSupply } from './api-requests.ts';
import { serveParent } from './child-process.ts';
import { spreadOf } from './latency-spread.ts';
import { sinceProcessStartMs } from './monotonic-clock.ts';

/** The load generator in a process of its own: each POST is an order. */

const STRAGGLERS_MS = 5000;

const offsetMs = sinceProcessStartMs();
/** By server and work: bookings go on from hour to hour. */
const supplies = new Map<string, RequestSupply>();

function supplyOf({ url, work }: LoadOrder): RequestSupply {
  const key = `${url} ${work.kind} ${work.kind === 'events' ? work.each : ''}`;
  const supply = supplies.get(key) ?? createRequestSupply(url, work);
  supplies.set(key, supply);
  return supply;
}

async function carryOut(order: LoadOrder): Promise<LoadDone> {
  const { url, pace, connections: count, durationMs, stragglersMs = STRAGGLERS_MS, keepsRecord = false } = order;
  const supply = supplyOf(order);
  const first = supply.made();
  const { dueAt, answeredAt, startedAt } = await withConnections(url, count, (connections, fail) => {
    const crew = { connections, supply, durationMs, stragglersMs, fail };
    return pace.kind === 'closed' ? postInTurn(crew) : postAtRate(crew, pace.perSecond);
  });
  let lastAt = startedAt;
  const latencies: number[] = [];
  const record: LoadDone['record'] = [];
  for (const [number, due] of dueAt.entries()) {
    const answered = answeredAt[number];
    if (answered === undefined) continue;
    latencies.push(answered - due);
    lastAt = Math.max(lastAt, answered);
    if (keepsRecord) record.push({ number: first + number, dueAt: due + offsetMs, answeredAt: answered + offsetMs });
  }
  return {
    answers: latencies.length,
    unanswered: dueAt.length - latencies.length,
    elapsedMs: lastAt - startedAt,
    spread: spreadOf(latencies),
    record,
  };
}

const server = createServer((request, response) => {
  const answer = async () => JSON.stringify(await carryOut(JSON.parse(await text(request)) as LoadOrder));
  answer().then(
    (done) => response.end(done),
    (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
  );
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  serveParent({ url: `http://127.0.0.1:${port}` }, async () => server.close());
});
