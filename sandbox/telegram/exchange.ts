import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from './api-error.ts';
import type { MethodCall } from './methods.ts';
import { isObject } from './parameters.ts';
import type { RecordedRequest, RequestOutcome } from './request-log.ts';

export interface Reply {
  status: number;
  body: string;
  contentType?: string;
  retryAfter?: number;
}

/** One call of a method and its one end: an answer, a refusal, a spoilt answer or none. */
export class Exchange implements MethodCall {
  readonly record: RecordedRequest;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #onProgress: () => void;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    { record, onProgress }: { record: RecordedRequest; onProgress: () => void },
  ) {
    this.record = record;
    this.#request = request;
    this.#response = response;
    this.#onProgress = onProgress;
  }

  get at(): number {
    return this.record.at;
  }

  gone(): AbortSignal {
    const controller = new AbortController();
    this.#response.once('close', () => controller.abort());
    return controller.signal;
  }

  succeed(result: unknown): void {
    this.settle({ status: 200, accepted: true, ...idOf(result) });
    this.send(okReply(result));
  }

  /** Answers as the Bot API refuses; an error that is no {@link ApiError} becomes a 500. */
  fail(error: unknown): void {
    const refusal = error instanceof ApiError ? error : new ApiError(500, `Internal Server Error: ${String(error)}`);
    this.settle({ status: refusal.status, accepted: false, description: refusal.message });
    this.send(errorReply(refusal));
  }

  /** Records how it ended without answering. */
  settle(outcome: RequestOutcome): void {
    this.record.outcome = outcome;
    this.#onProgress();
  }

  send(reply: Reply): void {
    send(this.#response, reply);
  }

  /** Resets the connection. */
  reset(): void {
    this.#request.socket.resetAndDestroy();
  }
}

/** The message a result shows, if it is one. */
export const idOf = (result: unknown): { message_id?: number } =>
  isObject(result) && typeof result.message_id === 'number' ? { message_id: result.message_id } : {};

/** Bot API, "Making requests". */
export const okReply = (result: unknown): Reply => ({
  status: 200,
  body: `{"ok":true,"result":${JSON.stringify(result)}}`,
});

export function errorReply({ status, message, parameters }: ApiError): Reply {
  const body = JSON.stringify({ ok: false, error_code: status, description: message, parameters });
  return parameters?.retry_after === undefined
    ? { status, body }
    : { status, body, retryAfter: parameters.retry_after };
}

export function send(
  response: ServerResponse,
  { status, body, contentType = 'application/json', retryAfter }: Reply,
): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
    ...(retryAfter === undefined ? {} : { 'Retry-After': retryAfter }),
  });
  response.end(body);
}
