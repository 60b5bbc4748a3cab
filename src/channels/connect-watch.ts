import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';

/** How long a connection may take to stand, TLS included, in ms. */
const CONNECT_TIMEOUT_MS = 4000;

/** Put before the code of an error that came before the connection stood: nothing can have been sent on it. */
export const UNCONNECTED = 'unconnected:';

/** Marks the errors of a connection that never stood, and ends one that takes too long. */
function watchConnecting(socket: Socket, standsAt: 'connect' | 'secureConnect'): void {
  const late = setTimeout(() => {
    socket.destroy(Object.assign(new Error('the connection took too long'), { code: 'timeout' }));
  }, CONNECT_TIMEOUT_MS);
  const mark = (error: NodeJS.ErrnoException) => {
    error.code = `${UNCONNECTED}${error.code ?? 'unknown'}`;
  };
  const settle = () => {
    clearTimeout(late);
    socket.removeListener('error', mark);
  };
  socket.prependListener('error', mark);
  socket.once(standsAt, settle);
  socket.once('close', settle);
}

/** What Node's agents have and its types leave out. */
interface Connecting {
  createConnection(...args: unknown[]): Socket;
}

/** A keep-alive agent whose connections tell an error before they stood from one after it. */
export function createWatchedAgent(protocol: string): HttpAgent {
  const isTls = protocol === 'https:';
  const agent = isTls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const connecting = agent as unknown as Connecting;
  const createConnection = connecting.createConnection.bind(agent);
  connecting.createConnection = (...args) => {
    const socket = createConnection(...args);
    watchConnecting(socket, isTls ? 'secureConnect' : 'connect');
    return socket;
  };
  return agent;
}
