import uWS from 'uWebSockets.js';
import { STATUS_CODES } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from './answer.ts';
import { BODY_DEADLINE_MS, DRAIN_DEADLINE_MS } from './limits.ts';
import { type BodyReader, ClientGone, collectBody } from './request-body.ts';

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

/** All that is ever read of a request's headers: uWS forgets them when its callback returns. */
const HEADER_NAMES = [
  'authorization',
  'content-length',
  'content-type',
  'idempotency-key',
  'x-initiated-by-channel',
  'x-initiated-by-role',
  'x-initiated-by-user-id',
  'x-request-id',
] as const;
type HeaderName = (typeof HEADER_NAMES)[number];
const KEPT_HEADERS: ReadonlySet<string> = new Set(HEADER_NAMES);

/** One request, readable after uWS's callback has returned. */
export interface Exchange {
  /** Upper case. */
  readonly method: string;
  /** As sent, without the query. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** The first of that name. uWS cuts bytes beyond ASCII off its end, so a header may be there and empty. */
  header(name: HeaderName): string | undefined;
  /** Aborted when the client hangs up before the answer. */
  readonly signal: AbortSignal;
  /**
   * The whole body. To be called at most once and before the first `await`: uWS drops what nobody listens to.
   * @throws {Problem} 413 over `limit` bytes, at once where Content-Length says so; 408 after the deadline.
   * @throws {ClientGone}
   */
  readBody(limit: number): Promise<Buffer>;
}

/** The address cannot be listened on. */
export class ListenError extends Error {
  readonly code = 'listen_failed';
}

export interface Listener {
  /** @throws {ListenError} naming the port. */
  listen(): Promise<{ port: number }>;
  /** Stops listening, waits for the requests under way (bounded), closes every connection. Idempotent. */
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
  } = deps;
  const app = uWS.App();
  const underWay = new Set<Promise<void>>();
  let listenSocket: uWS.us_listen_socket | undefined;
  let stopping: Promise<void> | undefined;

  app.any('/*', (res, req) => {
    const exchange = createExchange(res, req, bodyDeadlineMs);
    const served = handle(exchange)
      .then((answer) => {
        if (!exchange.gone) write(res, exchange.method, answer, stopping !== undefined);
        exchange.finish();
      })
      .catch(onFailure)
      .finally(() => underWay.delete(served));
    underWay.add(served);
  });

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
        if (underWay.size > 0) {
          const deadline = new AbortController();
          await Promise.race([
            Promise.allSettled(underWay),
            sleep(drainDeadlineMs, undefined, { signal: deadline.signal }).catch(() => undefined),
          ]);
          deadline.abort();
          await sleep(FLUSH_MS);
        }
        app.close();
      })();
      return stopping;
    },
  };
}

interface OwnedExchange extends Exchange {
  /** True once the response must not be touched. */
  readonly gone: boolean;
  /** The answer is written: what still arrives is dropped. */
  finish(): void;
}

function createExchange(res: uWS.HttpResponse, req: uWS.HttpRequest, bodyDeadlineMs: number): OwnedExchange {
  const headers = new Map<string, string>();
  req.forEach((name, value) => {
    if (KEPT_HEADERS.has(name) && !headers.has(name)) headers.set(name, value);
  });
  let gone = false;
  let abort: AbortController | undefined;
  let body: BodyReader | undefined;
  res.onAborted(() => {
    gone = true;
    body?.giveUp();
    abort?.abort(new ClientGone());
  });

  return {
    method: req.getCaseSensitiveMethod(),
    path: req.getUrl(),
    query: req.getQuery() ?? '',
    header: (name) => headers.get(name),
    get gone() {
      return gone;
    },
    get signal() {
      abort ??= new AbortController();
      if (gone) abort.abort(new ClientGone());
      return abort.signal;
    },
    readBody(limit) {
      const declared = Number(headers.get('content-length') ?? 0);
      body = collectBody((take) => res.onData(take), { declared, limit, deadlineMs: bodyDeadlineMs });
      return body.whole;
    },
    finish() {
      body?.giveUp();
    },
  };
}

function write(res: uWS.HttpResponse, method: string, answer: Answer, stopping: boolean): void {
  const { status, contentType = 'application/json', headers = {}, closesConnection = false } = answer;
  const body = answer.bytes ?? answer.text;
  const close = stopping || closesConnection;
  res.cork(() => {
    res.writeStatus(`${status} ${STATUS_CODES[status] ?? ''}`);
    for (const [name, value] of Object.entries(headers)) res.writeHeader(name, value);
    if (body !== undefined) res.writeHeader('content-type', contentType);
    // RFC 9110, section 8.6: no Content-Length with 204, and with HEAD the one that GET would have.
    // uWS reads any first argument as a length, undefined too, so closing is left to the header.
    if (status === 204) {
      if (close) res.writeHeader('connection', 'close');
      res.endWithoutBody();
    } else if (body === undefined || method === 'HEAD') res.endWithoutBody(Buffer.byteLength(body ?? ''), close);
    else res.end(body, close);
  });
}
