import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { PushRefusal } from './push-refusal.ts';
import type { PushOutcome, RecordedPush } from './request-log.ts';

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** One request and its one end: an answer, a refusal, a spoilt answer or none. */
export class Exchange {
  readonly record: RecordedPush;
  readonly response: ServerResponse;
  readonly #request: IncomingMessage;
  readonly #transport: Socket | undefined;
  readonly #onProgress: () => void;

  /** `transport` is the TCP connection below TLS. */
  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    { record, transport, onProgress }: { record: RecordedPush; transport: Socket | undefined; onProgress: () => void },
  ) {
    this.record = record;
    this.response = response;
    this.#request = request;
    this.#transport = transport;
    this.#onProgress = onProgress;
  }

  /** Where bytes can be written past the HTTP server. */
  get socket(): Socket {
    return this.#request.socket;
  }

  /** Answers as autopush refuses; an error that is no {@link PushRefusal} becomes a 500. */
  refuse(error: unknown): void {
    const refusal = error instanceof PushRefusal ? error : new PushRefusal(500, null, String(error));
    const { status, errno, message: description, headers } = refusal;
    this.settle({ status, accepted: false, errno, description });
    this.answer({ status, headers: { 'Content-Type': 'application/json', ...headers }, body: refusal.body() });
  }

  /** Records how it ended without answering. */
  settle(outcome: PushOutcome): void {
    this.record.outcome = outcome;
    this.#onProgress();
  }

  answer({ status, headers = {}, body = '' }: Answer): void {
    if (this.response.destroyed || this.response.headersSent) return;
    this.response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
    this.response.end(body);
  }

  /** Closes in good order, with whatever was written. */
  close(): void {
    this.socket.end();
  }

  /** Resets the TCP connection: TLS gets no word of farewell. */
  reset(): void {
    if (this.#transport) this.#transport.resetAndDestroy();
    else this.socket.destroy();
  }
}
