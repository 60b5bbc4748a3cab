import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { apiThrottler } from '@grammyjs/transformer-throttler';
import pLimit from 'p-limit';
import { createApi, type OutgoingMessage, sendPatiently } from './broadcast-sender.ts';
import { serveParent } from './child-process.ts';

/**
 * grammY's throttler (SETTINGS `default`: everything is handed to it at once; `smooth`: one message every 34 ms, and no more than 30
 * handed over at a time, so that others need not queue behind the whole broadcast). It knows no priorities, and keeps all in memory.
 * `POST /broadcast` and `/booking` take messages; `GET /` answers how many are left.
 */

const SMOOTH = { global: { maxConcurrent: 30, minTime: 34 } };
const HANDED_OVER_AT_ONCE = 30;

const isSmooth = process.env.SETTINGS === 'smooth';
const api = createApi(process.env.TELEGRAM_API_ROOT ?? '');
api.config.use(apiThrottler(isSmooth ? SMOOTH : {}));
const feed = pLimit(isSmooth ? HANDED_OVER_AT_ONCE : Number.POSITIVE_INFINITY);
let left = 0;

function send(message: OutgoingMessage, isBooking: boolean): void {
  left += 1;
  const sent = isBooking ? sendPatiently(api, message) : feed(() => sendPatiently(api, message));
  sent.then(
    () => {
      left -= 1;
    },
    (error: unknown) => {
      throw error;
    },
  );
}

const server = createServer((request, response) => {
  void text(request).then((body) => {
    if (body !== '')
      for (const message of JSON.parse(body) as OutgoingMessage[]) send(message, request.url === '/booking');
    response.end(JSON.stringify({ left }));
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  serveParent({ url: `http://127.0.0.1:${port}` }, async () => server.closeAllConnections());
});
