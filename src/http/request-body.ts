import { Problem } from './problem.ts';

/** The client hung up: there is nobody to answer. */
export class ClientGone extends Error {
  readonly code = 'client_gone';

  constructor() {
    super('the client hung up');
    this.name = 'ClientGone';
  }
}

/** Calls `take` for each piece; the memory of a piece is taken back when the call returns. */
type Source = (take: (piece: ArrayBuffer, isLast: boolean) => void) => void;

interface BodyLimits {
  /** Content-Length, 0 where there is none. */
  declared: number;
  /** Bytes. */
  limit: number;
  /** From the first piece to the last. */
  deadlineMs: number;
}

export interface BodyReader {
  /** Rejects with a 413 or 408 {@link Problem}, or with {@link ClientGone}. */
  whole: Promise<Buffer>;
  /** Nobody waits for the rest: `whole`, if still open, rejects with {@link ClientGone}. */
  giveUp(): void;
}

/** Joins the pieces of a body. A declared length over the limit is refused before anything arrives. */
export function collectBody(source: Source, { declared, limit, deadlineMs }: BodyLimits): BodyReader {
  const { promise, resolve, reject } = withResolvers<Buffer>();
  let pieces: Buffer[] = [];
  let size = 0;
  let settled = false;
  let timer: NodeJS.Timeout | undefined;

  const settle = (act: () => void) => {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    act();
    pieces = [];
  };
  const refuse = (reason: Error) => settle(() => reject(reason));

  if (declared > limit) refuse(tooLarge(limit));
  source((piece, isLast) => {
    if (settled) return;
    size += piece.byteLength;
    if (size > limit) return refuse(tooLarge(limit));
    // A copy out of Node's pool: an ArrayBuffer of its own costs each small body ten times as much.
    pieces.push(Buffer.from(new Uint8Array(piece)));
    if (isLast) return settle(() => resolve(pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)));
    timer ??= setTimeout(() => refuse(tooSlow(deadlineMs)), deadlineMs);
  });
  return {
    whole: promise,
    giveUp() {
      // Called after every answer; an error with its stack is not made for nothing.
      if (!settled) refuse(new ClientGone());
    },
  };
}

function tooLarge(limit: number): Problem {
  return new Problem('payload_too_large', `the body may have at most ${limit} bytes`);
}

function tooSlow(deadlineMs: number): Problem {
  return new Problem('request_timeout', `the body must arrive within ${deadlineMs / 1000} s`);
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (reason: Error) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
