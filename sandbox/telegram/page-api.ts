import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { type Chat, type ChatChange, type Chats, viewOf } from './chats.ts';
import { VirtualUserError, type VirtualUsers } from './virtual-user.ts';

/** How much of a chat a newly opened page gets. */
const PAGE_MESSAGES = 200;
const PAGE_CHATS = 24;
/** A page that reads too slowly is cut off beyond this; its EventSource comes back and gets the state anew. */
const MAX_UNSENT_BYTES = 1 << 20;

const textSchema = z.strictObject({ text: z.string().trim().min(1).max(4096) });
const buttonSchema = z.strictObject({ message_id: z.int().positive(), data: z.string().min(1).max(64) });
const emptySchema = z.strictObject({});

export interface PageApi {
  handle(request: IncomingMessage, response: ServerResponse, body: string): void;
  /** A command that the page shows for people to run. */
  showCommand(command: string): void;
}

export interface PageApiDeps {
  chats: Chats;
  users: VirtualUsers;
  onChange: (listener: (change: ChatChange) => void) => () => void;
}

/**
 * What the page with the phones speaks, under `/sandbox/`: `GET events` (Server-Sent Events: `state` first, then every change)
 * and `POST chats/{id}/messages|buttons|block|unblock` as the user of that chat. Only for a browser on this machine.
 */
export function createPageApi({ chats, users, onChange }: PageApiDeps): PageApi {
  let command = '';

  const act = (chatId: number, action: string, body: unknown): object => {
    switch (action) {
      case 'messages': {
        const { message_id } = users.sendText(chatId, textSchema.parse(body).text);
        return { message_id };
      }
      case 'buttons': {
        const { message_id, data } = buttonSchema.parse(body);
        return { query_id: users.pressButton(chatId, message_id, data).queryId };
      }
      case 'block':
      case 'unblock':
        emptySchema.parse(body);
        users[action](chatId);
        return {};
      default:
        throw new RequestError(404, 'no such action');
    }
  };

  const handle = (request: IncomingMessage, response: ServerResponse, body: string): void => {
    try {
      checkSameSite(request);
      const path = (request.url ?? '').replace(/\?.*$/, '');
      if (request.method === 'GET' && path === '/sandbox/events') {
        stream(response);
        return;
      }
      const [, id, action = ''] = /^\/sandbox\/chats\/(-?\d{1,15})\/([a-z]+)$/.exec(path) ?? [];
      if (id === undefined) throw new RequestError(404, 'not found');
      if (request.method !== 'POST') throw new RequestError(405, 'use POST');
      if (!request.headers['content-type']?.startsWith('application/json'))
        throw new RequestError(415, 'send application/json');
      reply(response, 200, act(Number(id), action, parseBody(body)));
    } catch (error) {
      const { status, message } = refusalOf(error);
      reply(response, status, { error: message });
    }
  };

  const stream = (response: ServerResponse): void => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    const write = (type: string, data: object): void => {
      if (response.writableLength > MAX_UNSENT_BYTES) response.destroy();
      else response.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
    };
    const stopListening = onChange((change) => write(change.type, change));
    response.on('close', stopListening);
    write('state', { command, chats: chats.all().slice(0, PAGE_CHATS).map(snapshotOf) });
  };

  return {
    handle,
    showCommand(text) {
      command = text;
    },
  };
}

class RequestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const snapshotOf = (chat: Chat): object => ({
  ...viewOf(chat),
  messages: [...chat.messages.values()].filter(({ deleted }) => !deleted).slice(-PAGE_MESSAGES),
});

const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/** Keeps out other sites' pages (Origin, Sec-Fetch-Site) and names that were rebound to this machine (Host). */
function checkSameSite({ headers }: IncomingMessage): void {
  const { host = '', origin } = headers;
  const site = headers['sec-fetch-site'];
  if (!LOOPBACK_HOST.test(host)) throw new RequestError(403, 'open the page by its loopback address');
  if (origin !== undefined && origin !== `http://${host}`) throw new RequestError(403, 'not from another site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new RequestError(403, 'not from another site');
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body === '' ? '{}' : body) as unknown;
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new RequestError(400, 'the body is no JSON');
    throw cause;
  }
}

const STATUS_BY_CODE: Readonly<Record<VirtualUserError['code'], number>> = {
  unknown_user: 404,
  unknown_message: 404,
  unknown_button: 409,
  bot_blocked: 409,
  empty_text: 422,
};

function refusalOf(error: unknown): { status: number; message: string } {
  if (error instanceof RequestError) return error;
  if (error instanceof VirtualUserError) return { status: STATUS_BY_CODE[error.code], message: error.message };
  if (error instanceof z.ZodError) return { status: 422, message: z.prettifyError(error) };
  return { status: 500, message: String(error) };
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
}
