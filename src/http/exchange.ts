import type uWS from 'uWebSockets.js';
import { type BodyReader, ClientGone, collectBody } from './request-body.ts';

/** All that is ever read of a request's headers: uWS forgets them when its callback returns. */
const HEADER_NAMES = [
  'authorization',
  'content-length',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'sec-websocket-protocol',
  'sec-websocket-version',
  'traceparent',
  'transfer-encoding',
  'upgrade',
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
  /**
   * The head does not say beyond doubt where the body ends: a proxy may see another request in what follows (RFC 9112, sections 6.1
   * and 6.3). Nothing may be done for it, and its connection must end.
   */
  readonly isAmbiguous: boolean;
  /** The client asks for a WebSocket as RFC 6455 says, so the answer may be one. */
  readonly asksForSocket: boolean;
  /** The first of that name. uWS cuts bytes beyond ASCII off its end, so a header may be there and empty. */
  header(name: HeaderName): string | undefined;
  /** Aborted when the client hangs up before the answer; made when it is asked for. */
  signal(): AbortSignal;
  /**
   * The whole body. To be called at most once and before the first `await`: uWS drops what nobody listens to.
   * @throws {Problem} 413 over `limit` bytes, at once where Content-Length says so; 408 after the deadline.
   * @throws {ClientGone}
   */
  readBody(limit: number): Promise<Buffer>;
}

export interface OwnedExchange extends Exchange {
  /** True once the response must not be touched. */
  isGone(): boolean;
  /** The answer is written: what still arrives is dropped. */
  finish(): void;
}

/**
 * No accessors here: V8 keeps a hidden class for each object literal that has one, and with it the whole request, until the next major
 * collection.
 * @param hasSocketKey uWS found a `Sec-WebSocket-Key` on a GET
 */
export function createExchange(
  res: uWS.HttpResponse,
  req: uWS.HttpRequest,
  { bodyDeadlineMs, hasSocketKey }: { bodyDeadlineMs: number; hasSocketKey: boolean },
): OwnedExchange {
  const headers = new Map<string, string>();
  let isAmbiguous = false;
  req.forEach((name, value) => {
    if (!KEPT_HEADERS.has(name)) return;
    if (name === 'transfer-encoding' && value.toLowerCase() !== 'chunked') isAmbiguous = true;
    const first = headers.get(name);
    if (first === undefined) headers.set(name, value);
    else if (name === 'content-length' || name === 'transfer-encoding') isAmbiguous = true;
    // Lists over several lines are one list (RFC 9110, section 5.3).
    else if (name === 'if-match' || name === 'if-none-match') headers.set(name, `${first}, ${value}`);
    // Two of them contradict each other, so neither counts (W3C Trace Context, section 3.2).
    else if (name === 'traceparent') headers.set(name, '');
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
    isAmbiguous,
    asksForSocket:
      hasSocketKey &&
      headers.get('upgrade')?.toLowerCase() === 'websocket' &&
      headers.get('sec-websocket-version') === '13',
    header: (name) => headers.get(name),
    isGone: () => gone,
    signal() {
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
