import uWS from 'uWebSockets.js';
import { createClient } from '#src/redis/connection.ts';
import { serveParent } from './child-process.ts';

/** The least that takes an event over HTTP into a stream: no key, no check, no id, no repeat kept out. REDIS_URL. */

const redis = createClient(process.env.REDIS_URL ?? '', { maxRetriesPerRequest: null, enableAutoPipelining: true });

const app = uWS.App().post('/v1/events', (response) => {
  let isGone = false;
  let body = '';
  response.onAborted(() => {
    isGone = true;
  });
  response.onData((piece, isLast) => {
    body += Buffer.from(piece).toString();
    if (!isLast) return;
    const end = (status: string) => {
      if (!isGone) response.cork(() => response.writeStatus(status).end('{"accepted":1}'));
    };
    redis.xadd('events', '*', 'event', body).then(
      () => end('202 Accepted'),
      () => end('503 Service Unavailable'),
    );
  });
});

app.listen('127.0.0.1', 0, (socket) => {
  if (!socket) throw new Error('no port to listen on');
  serveParent({ url: `http://127.0.0.1:${uWS.us_socket_local_port(socket)}` }, async () => {
    app.close();
    redis.disconnect();
  });
});
