import { once } from 'node:events';
import { connect } from 'node:net';
import { createAnswerReader } from './http-answer.ts';

/** A keep-alive connection with one request under way at a time; a fraction of what an HTTP client costs this process. */
export interface HttpConnection {
  /** @param request as it goes over the wire @param answered called with the status when the whole answer was read */
  post(request: Buffer, answered: (status: number) => void): void;
  close(): void;
}

/** @param onFailure told when the connection is lost or what comes is no HTTP */
export async function openHttpConnection(url: string, onFailure: (error: Error) => void): Promise<HttpConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  const reader = createAnswerReader();
  let waiting: ((status: number) => void) | undefined;
  let closed = false;
  const fail = (error: Error) => {
    if (!closed) onFailure(error);
  };
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the server closed a connection')));
  socket.on('data', (piece) => {
    try {
      const status = reader.take(piece);
      if (status === undefined) return;
      const answered = waiting;
      waiting = undefined;
      answered?.(status);
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  });
  return {
    post(request, answered) {
      waiting = answered;
      socket.write(request);
    },
    close() {
      closed = true;
      socket.destroy();
    },
  };
}
