import uWS from 'uWebSockets.js';
import { serveParent } from './child-process.ts';

/**
 * A push service that takes everything, over TLS (KEY_FILE, CERT_FILE), in a process of its own: it looks whether the
 * headers of RFC 8030, 8188 and 8292 are there, and decrypts nothing, so that it costs less than any sender.
 */

const DEMANDED = ['authorization', 'ttl', 'urgency', 'topic'];

const app = uWS
  .SSLApp({ key_file_name: process.env.KEY_FILE ?? '', cert_file_name: process.env.CERT_FILE ?? '' })
  .post('/wpush/v2/*', (response, request) => {
    const isComplete =
      request.getHeader('content-encoding') === 'aes128gcm' && DEMANDED.every((name) => request.getHeader(name) !== '');
    const status = isComplete ? '201 Created' : '400 Bad Request';
    response.onAborted(() => undefined);
    response.onData((_chunk, isLast) => {
      if (isLast) response.cork(() => response.writeStatus(status).endWithoutBody(0));
    });
  });

app.listen('127.0.0.1', 0, (socket) => {
  if (!socket) throw new Error('no port to listen on');
  serveParent({ url: `https://localhost:${uWS.us_socket_local_port(socket)}` }, async () => app.close());
});
