import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveParent } from './child-process.ts';
import { CONCURRENCY, inTurn, makeTargets, type PushContender, type PushReceiver } from './push-contender.ts';
import { createFloor } from './push-floor.ts';
import { createPoster } from './push-request.ts';
import { createVestnik } from './push-vestnik.ts';
import { createPlainWebPush, createWebPushWithAgent } from './push-web-push.ts';

/** One contender (CONTENDER) that sends to PUSH_ORIGIN (authority in NODE_EXTRA_CA_CERTS); `POST /` says for how many ms. */

const CONTENDERS: Record<string, (receiver: PushReceiver) => PushContender> = {
  vestnik: createVestnik,
  agent: createWebPushWithAgent,
  plain: createPlainWebPush,
  poster: createPoster,
  floor: createFloor,
};

const origin = process.env.PUSH_ORIGIN ?? '';
const ca = await readFile(process.env.NODE_EXTRA_CA_CERTS ?? '', 'utf8');
const contender = CONTENDERS[process.env.CONTENDER ?? '']?.({ origin, ca });
const nextTarget = inTurn(makeTargets(origin));

/** Closed loop: the next one when the one before was taken. Answers how many were, in how many ms. */
async function sendFor(durationMs: number): Promise<{ sent: number; elapsedMs: number }> {
  const startedAt = performance.now();
  let sent = 0;
  const loop = async () => {
    while (performance.now() - startedAt < durationMs) {
      await contender?.send(nextTarget());
      sent += 1;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, loop));
  return { sent, elapsedMs: performance.now() - startedAt };
}

const server = createServer((request, response) => {
  sendFor(Number(request.headers['duration-ms'])).then(
    (done) => response.end(JSON.stringify(done)),
    (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.stack : String(error)),
  );
});
// Else it would end a connection at the moment that the next order comes over it.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  serveParent({ url: `http://127.0.0.1:${port}` }, async () => contender?.stop());
});
