import type uWS from 'uWebSockets.js';
import type { OpenSocket, Socket, SocketPeer } from './answer.ts';

/** The subprotocol that is answered when the client offers it. */
const SUBPROTOCOL = 'vestnik';
/** While more than this waits for one client to read it, that client gets nothing more. */
const MAX_BUFFERED_BYTES = 64 * 1024;
/** What clients say is never read; more than this is not even taken in. */
const MAX_MESSAGE_BYTES = 1024;
/** Without a sign of life for so long a connection counts as dead; half of it later it is asked for one. */
const IDLE_TIMEOUT_S = 60;
/** What `send` of uWS returns when its own bound was reached. */
const DROPPED = 2;
/** RFC 6455, section 7.4.1. */
const GOING_AWAY = 1001;
const UNSUPPORTED_DATA = 1003;

/**
 * Makes the WebSocket of a request. To be called before uWS's callback ends, so after microtasks at most: an upgrade that comes
 * later is taken for an HTTP answer at times, and closed a millisecond after it opened (uWebSockets, pull request 1929).
 */
export type Upgrade = (headers: Record<string, string>, open: OpenSocket) => void;

interface UserData {
  open: OpenSocket;
}

/** All WebSockets of an app. */
export interface WebSockets {
  /** Closes them all, and those that open from now on, with 1001. Tells whether there were any. */
  closeAll(): boolean;
}

/** Hands every GET with a `Sec-WebSocket-Key` to `serve`, whatever its path. */
export function createWebSockets(
  app: uWS.TemplatedApp,
  serve: (res: uWS.HttpResponse, req: uWS.HttpRequest, upgrade: Upgrade) => void,
): WebSockets {
  const links = new Map<uWS.WebSocket<UserData>, Link>();
  let closing = false;

  app.ws<UserData>('/*', {
    maxPayloadLength: MAX_MESSAGE_BYTES,
    maxBackpressure: MAX_BUFFERED_BYTES,
    idleTimeout: IDLE_TIMEOUT_S,
    sendPingsAutomatically: true,
    upgrade(res, req, context) {
      const key = req.getHeader('sec-websocket-key');
      const offered = req.getHeader('sec-websocket-protocol').split(',');
      const protocol = offered.some((name) => name.trim() === SUBPROTOCOL) ? SUBPROTOCOL : '';
      serve(res, req, (headers, open) => {
        res.writeStatus('101 Switching Protocols');
        for (const [name, value] of Object.entries(headers)) res.writeHeader(name, value);
        res.upgrade<UserData>({ open }, key, protocol, '', context);
      });
    },
    open(ws) {
      if (closing) return void ws.end(GOING_AWAY, 'the server is stopping');
      const link = createLink(ws);
      links.set(ws, link);
      link.peer = ws.getUserData().open(link.socket);
      // Closed while it opened.
      if (!links.has(ws)) link.peer.closed();
    },
    message: (ws) => void ws.end(UNSUPPORTED_DATA, 'nothing that clients say is read here'),
    drain: (ws) => links.get(ws)?.peer?.drained(),
    close(ws) {
      const link = links.get(ws);
      links.delete(ws);
      link?.end();
    },
  });

  return {
    closeAll() {
      closing = true;
      const open = [...links.values()];
      for (const { socket } of open) socket.close(GOING_AWAY, 'the server is stopping');
      return open.length > 0;
    },
  };
}

interface Link {
  socket: Socket;
  /** Undefined until it was opened. */
  peer: SocketPeer | undefined;
  /** uWS has closed it: it must not be touched again. */
  end(): void;
}

function createLink(ws: uWS.WebSocket<UserData>): Link {
  let isOpen = true;
  return {
    socket: {
      send: (text) => isOpen && ws.getBufferedAmount() <= MAX_BUFFERED_BYTES && ws.send(text) !== DROPPED,
      close(code, reason) {
        if (!isOpen) return;
        // A close frame behind more than the bound is dropped, and the connection would linger.
        if (ws.getBufferedAmount() > MAX_BUFFERED_BYTES) ws.close();
        else ws.end(code, reason);
      },
    },
    peer: undefined,
    end() {
      isOpen = false;
      this.peer?.closed();
    },
  };
}
