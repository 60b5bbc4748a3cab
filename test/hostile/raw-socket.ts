import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** One HTTP answer as it came over the wire. */
export interface RawAnswer {
  status: number;
  /** Of lower case; of two with one name the last. */
  headers: Record<string, string>;
  text: string;
}

export interface RawConnection {
  socket: Socket;
  /** Sends bytes; nothing once the server has closed. A string is taken as Latin-1: one byte a character. */
  send(bytes: string | Uint8Array): void;
  /** Resolves with the answers up to now when there are `count` of them, or when the connection has ended. @throws after the deadline */
  answers(count: number, deadlineMs?: number): Promise<RawAnswer[]>;
  /** Resolves when the server has closed it, with all that it had answered. @throws after the deadline */
  ended(deadlineMs?: number): Promise<RawAnswer[]>;
  readonly isClosed: boolean;
  /** All bytes up to now, as Latin-1. */
  received(): string;
}

/** On a shared machine even a quick answer may take this long, in milliseconds. */
const ANSWER_DEADLINE_MS = 10_000;
/** The parser waits 10 s for more before it gives up on a head that it cannot read; then the machine may be busy. */
export const PARSER_GIVES_UP_MS = 40_000;

/** A connection on which anything can be said. */
export async function openRaw(port: number): Promise<RawConnection> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let received = Buffer.alloc(0);
  let isClosed = false;
  socket.on('data', (piece) => {
    received = Buffer.concat([received, piece]);
  });
  const end = () => {
    isClosed = true;
    socket.destroy();
  };
  // A connection that is reset is an end like any other.
  socket.on('error', end).on('end', end).on('close', end);
  await once(socket, 'connect');

  async function until(isEnough: (answers: RawAnswer[]) => boolean, deadlineMs: number): Promise<RawAnswer[]> {
    const start = performance.now();
    for (;;) {
      const wasClosed = isClosed;
      const answers = parseAnswers(received);
      if (isEnough(answers) || wasClosed) return answers;
      if (performance.now() - start > deadlineMs)
        throw new Error(
          `neither an answer nor an end in ${deadlineMs} ms: ${received.toString('latin1').slice(0, 500)}`,
        );
      await sleep(2);
    }
  }
  return {
    socket,
    send(bytes) {
      if (!isClosed) socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    },
    answers: (count, deadlineMs = ANSWER_DEADLINE_MS) => until((answers) => answers.length >= count, deadlineMs),
    ended: (deadlineMs = ANSWER_DEADLINE_MS) => until(() => false, deadlineMs),
    received: () => received.toString('latin1'),
    get isClosed() {
      return isClosed;
    },
  };
}

/** Sends the bytes on a connection of its own; gives the first answer, undefined where it was closed without one. */
export async function rawRequest(
  port: number,
  bytes: string | Uint8Array,
  deadlineMs = ANSWER_DEADLINE_MS,
): Promise<RawAnswer | undefined> {
  const connection = await openRaw(port);
  try {
    connection.send(bytes);
    const [answer] = await connection.answers(1, deadlineMs);
    return answer;
  } finally {
    connection.socket.destroy();
  }
}

/** The whole answers in what was received, without 100 Continue. */
function parseAnswers(received: Buffer): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let at = 0; ; ) {
    const end = received.indexOf('\r\n\r\n', at);
    if (end < 0) return answers;
    const [first = '', ...lines] = received.toString('latin1', at, end).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1] ?? Number.NaN);
    if (Number.isNaN(status)) throw new Error(`no answer of HTTP/1.1: ${first}`);
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const from = end + 4;
    // What uWebSockets.js answers by itself has no length: it ends with the connection.
    const length = Number(headers['content-length'] ?? (headers.connection === 'close' ? received.length - from : 0));
    if (received.length < from + length) return answers;
    at = from + length;
    if (status !== 100) answers.push({ status, headers, text: received.toString('utf8', from, at) });
  }
}
