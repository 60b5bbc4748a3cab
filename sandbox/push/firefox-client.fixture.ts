import assert from 'node:assert/strict';
import { once } from 'node:events';
import { WebSocket } from 'ws';

const DEADLINE_MS = 5_000;

interface Message {
  messageType?: string;
  [field: string]: unknown;
}

/** Firefox's side of the conversation, for tests; the socket is added to those to be ended. */
export async function connectFirefox(url: string, sockets: Set<WebSocket>) {
  const socket = new WebSocket(url, 'push-notification');
  sockets.add(socket);
  const inbox: Message[] = [];
  socket.on('message', (data) => inbox.push(JSON.parse(String(data))));
  const closed = once(socket, 'close').then(([code]) => code as number);
  await once(socket, 'open');
  const say = (message: object | string) =>
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  const hear = async (): Promise<Message> => {
    if (inbox.length === 0) await once(socket, 'message', { signal: AbortSignal.timeout(DEADLINE_MS) });
    return inbox.shift() ?? {};
  };
  const ask = async (message: object): Promise<Message> => {
    say(message);
    return await hear();
  };
  /** Hears the answer to a ping next, so nothing else was waiting. */
  const hearsNothing = async () => assert.deepEqual(await ask({}), {});
  return { socket, say, hear, ask, hearsNothing, closed };
}
