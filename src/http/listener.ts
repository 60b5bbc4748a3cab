import uWS from 'uWebSockets.js';
import { STATUS_CODES } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from './answer.ts';
import { createExchange, type Exchange, type OwnedExchange } from './exchange.ts';
import { BODY_DEADLINE_MS, DRAIN_DEADLINE_MS } from './limits.ts';
import { createWebSockets, type Upgrade } from './web-sockets.ts';

declare module 'uWebSockets.js' {
  interface TemplatedApp {
    /** Left out of the package's types: `listen` takes the host, then numbers, then the callback (uWebSockets.js, AppWrapper.h). */
    listen(host: string, port: number, options: number, listening: (socket: us_listen_socket | false) => void): this;
  }
}

/** LIBUS_LISTEN_EXCLUSIVE_PORT: without it two processes share a port, and each gets some of the requests. */
const EXCLUSIVE_PORT = 1;
/** Gives the kernel a moment to send the last answers before the connections are closed, in milliseconds. */
const FLUSH_MS = 20;
/** How often a stop looks whether the last connection has been closed, in milliseconds. */
const LOOK_MS = 10;

/** The address cannot be listened on. */
export class ListenError extends Error {
  readonly code = 'listen_failed';
}

export interface Listener {
  /** @throws {ListenError} naming the port. */
  listen(): Promise<{ port: number }>;
  /**
   * Stops listening, closes WebSockets, waits for the requests under way (bounded), then for those that clients still send over
   * connections they keep (`lingerMs`): each is answered, and its connection closed with it. Closes what is left. Idempotent.
   */
  stop(): Promise<void>;
}

export interface ListenerDeps {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Called within uWS's callback; must not reject. */
  handle(exchange: Exchange): Promise<Answer>;
  /** Told what should not have happened: the answer could not be written. */
  onFailure(error: unknown): void;
  bodyDeadlineMs?: number;
  drainDeadlineMs?: number;
  /** So long after the stop began, and after each request since, clients may still send one over a connection they keep. */
  lingerMs?: number;
}

/** The one place that knows uWebSockets.js. A response is never touched after its client has gone. */
export function createListener(deps: ListenerDeps): Listener {
  const {
    host,
    port,
    handle,
    onFailure,
    bodyDeadlineMs = BODY_DEADLINE_MS,
    drainDeadlineMs = DRAIN_DEADLINE_MS,
    lingerMs = 0,
  } = deps;
  const app = uWS.App();
  const underWay = new Set<Promise<void>>();
  let listenSocket: uWS.us_listen_socket | undefined;
  let stopping: Promise<void> | undefined;
  let connections = 0;
  let lastRequestMs = Number.NEGATIVE_INFINITY;

  function serve(res: uWS.HttpResponse, req: uWS.HttpRequest, upgrade?: Upgrade): void {
    lastRequestMs = performance.now();
    const exchange = createExchange(res, req, { bodyDeadlineMs, hasSocketKey: upgrade !== undefined });
    const served = answerWith(exchange, res, upgrade);
    underWay.add(served);
    void served.then(() => underWay.delete(served));
  }
  async function answerWith(exchange: OwnedExchange, res: uWS.HttpResponse, upgrade: Upgrade | undefined) {
    try {
      const answer = await handle(exchange);
      if (!exchange.isGone()) write(res, exchange.method, answer, { close: stopping !== undefined, upgrade });
      exchange.finish();
    } catch (error) {
      onFailure(error);
    }
  }
  /** 1 for a connection that opened, -1 for one that closed. */
  const countConnection: Parameters<uWS.TemplatedApp['filter']>[0] = (_res, change) => {
    connections += Number(change);
  };
  app.filter(countConnection);
  app.any('/*', (res, req) => serve(res, req));
  const sockets = createWebSockets(app, serve);

  /** A connection closed under a request on its way tells its client nothing of what became of it. */
  async function linger(sinceMs: number, untilMs: number): Promise<void> {
    const quietMs = () => Math.max(sinceMs, lastRequestMs) + lingerMs;
    while (connections > 0 && performance.now() < Math.min(untilMs, quietMs())) await sleep(LOOK_MS);
  }

  return {
    listen: () =>
      new Promise((resolve, reject) => {
        app.listen(host, port, EXCLUSIVE_PORT, (socket) => {
          if (!socket)
            return reject(
              new ListenError(
                `HOST ${host}, PORT ${port} cannot be listened on: in use, or not allowed; choose others`,
              ),
            );
          listenSocket = socket;
          resolve({ port: uWS.us_socket_local_port(socket) });
        });
      }),
    stop() {
      stopping ??= (async () => {
        if (listenSocket) uWS.us_listen_socket_close(listenSocket);
        const stoppedMs = performance.now();
        const hadWork = sockets.closeAll() || underWay.size > 0;
        if (underWay.size > 0) {
          const deadline = new AbortController();
          await Promise.race([
            Promise.allSettled(underWay),
            sleep(drainDeadlineMs, undefined, { signal: deadline.signal }).catch(() => undefined),
          ]);
          deadline.abort();
        }
        await linger(stoppedMs, stoppedMs + drainDeadlineMs);
        if (hadWork) await sleep(FLUSH_MS);
        app.close();
      })();
      return stopping;
    },
  };
}

interface WriteOptions {
  close: boolean;
  /** Undefined where no WebSocket was asked for. */
  upgrade: Upgrade | undefined;
}

function write(res: uWS.HttpResponse, method: string, answer: Answer, options: WriteOptions): void {
  const { status, contentType = 'application/json', headers = {}, closesConnection = false, socket } = answer;
  const body = answer.bytes ?? answer.text;
  const close = options.close || closesConnection;
  res.cork(() => {
    if (socket && options.upgrade) return options.upgrade(headers, socket);
    res.writeStatus(`${status} ${STATUS_CODES[status] ?? ''}`);
    for (const [name, value] of Object.entries(headers)) res.writeHeader(name, value);
    if (body !== undefined) res.writeHeader('content-type', contentType);
    // RFC 9110, section 8.6: no Content-Length with 204, none but that of the 200 with 304, and with HEAD the one that GET would have.
    // uWS reads any first argument as a length, undefined too, so closing is left to the header.
    if (status === 204 || status === 304) {
      if (close) res.writeHeader('connection', 'close');
      res.endWithoutBody();
    } else if (body === undefined || method === 'HEAD') res.endWithoutBody(Buffer.byteLength(body ?? ''), close);
    else res.end(body, close);
  });
}
