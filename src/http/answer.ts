/** What a handler answers; the server adds the request id and writes it. */
export interface Answer {
  status: number;
  /** The body's text; absent for none. */
  text?: string;
  /** A body that is no text. */
  bytes?: Uint8Array;
  /** `application/json` unless said. */
  contentType?: string;
  headers?: Record<string, string>;
  /** What the client still sends is not wanted. */
  closesConnection?: boolean;
  /** Instead of a body, with status 101: for a client that asked for a WebSocket. The handler must have done no I/O. */
  socket?: OpenSocket;
}

/** Called once, when the WebSocket is there. Nothing here may throw. */
export type OpenSocket = (socket: Socket) => SocketPeer;

/** The WebSocket of one client. Calls after it was closed do nothing. */
export interface Socket {
  /** A text message; false when it was not taken, because the client reads too slowly. */
  send(text: string): boolean;
  /** @param code RFC 6455, section 7.4.1 */
  close(code: number, reason: string): void;
}

/** The server's side of a socket. */
export interface SocketPeer {
  /** The client has read something: what was not taken may be now. */
  drained(): void;
  /** Called once, whoever closed it. */
  closed(): void;
}

export const NO_CONTENT: Answer = Object.freeze({ status: 204 });

/** Dates become ISO 8601 in UTC with milliseconds. */
export function jsonAnswer(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return { status, text: JSON.stringify(value), headers };
}
