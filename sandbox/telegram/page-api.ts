import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { type PushPhone, PushPhoneError, SCRIPTED_STATUSES } from '#sandbox/push/push-phone.ts';
import { type Chat, type ChatChange, type Chats, viewOf } from './chats.ts';
import { checkSameSite, parseBody, RequestError, reply } from './page-requests.ts';
import { VirtualUserError, type VirtualUsers } from './virtual-user.ts';

/** How much of a chat a newly opened page gets. */
const PAGE_MESSAGES = 200;
const PAGE_CHATS = 24;
/** A page that reads too slowly is cut off beyond this; its EventSource comes back and gets the state anew. */
const MAX_UNSENT_BYTES = 1 << 20;

const textSchema = z.strictObject({ text: z.string().trim().min(1).max(4096) });
const buttonSchema = z.strictObject({ message_id: z.int().positive(), data: z.string().min(1).max(64) });
const nextAnswerSchema = z.strictObject({ status: z.literal(SCRIPTED_STATUSES).nullable() });
const emptySchema = z.strictObject({});

/** A line for a shell that books for somebody. */
export interface BookingCommand {
  /** The client's name. */
  client: string;
  line: string;
}

export interface PageApi {
  handle(request: IncomingMessage, response: ServerResponse, body: string): void;
  /** What the page shows for people to run. */
  showCommands(commands: BookingCommand[]): void;
}

export interface PageApiDeps {
  chats: Chats;
  users: VirtualUsers;
  onChange: (listener: (change: ChatChange) => void) => () => void;
  /** The browsers of those without Telegram. */
  pushPhones: readonly PushPhone[];
}

/**
 * What the page with the phones speaks, under `/sandbox/`: `GET events` (Server-Sent Events: `state` first, then every change),
 * `POST chats/{id}/messages|buttons|block|unblock` as the user of that chat, and `POST push-phones/{id}/subscribe|unsubscribe` as
 * the owner of that browser, `…/next-answer` as its push service. Only for a browser on this machine.
 */
export function createPageApi({ chats, users, onChange, pushPhones }: PageApiDeps): PageApi {
  let commands: BookingCommand[] = [];

  const actInChat = (chatId: number, action: string, body: unknown): object => {
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

  const actOnPushPhone = async (id: number, action: string, body: unknown): Promise<object> => {
    const phone = pushPhones.find((one) => one.id === id);
    if (!phone) throw new RequestError(404, 'no such browser');
    switch (action) {
      case 'next-answer':
        phone.answerNext(nextAnswerSchema.parse(body).status);
        return {};
      case 'subscribe':
      case 'unsubscribe':
        emptySchema.parse(body);
        await phone[action]();
        return {};
      default:
        throw new RequestError(404, 'no such action');
    }
  };

  const respond = async (request: IncomingMessage, response: ServerResponse, body: string): Promise<void> => {
    checkSameSite(request);
    const path = (request.url ?? '').replace(/\?.*$/, '');
    if (request.method === 'GET' && path === '/sandbox/events') {
      stream(response);
      return;
    }
    const [, kind, id, action = ''] = /^\/sandbox\/(chats|push-phones)\/(-?\d{1,15})\/([a-z-]+)$/.exec(path) ?? [];
    if (id === undefined) throw new RequestError(404, 'not found');
    if (request.method !== 'POST') throw new RequestError(405, 'use POST');
    if (!request.headers['content-type']?.startsWith('application/json'))
      throw new RequestError(415, 'send application/json');
    const act = kind === 'chats' ? actInChat : actOnPushPhone;
    reply(response, 200, await act(Number(id), action, parseBody(body)));
  };

  const handle = (request: IncomingMessage, response: ServerResponse, body: string): void => {
    respond(request, response, body).catch((error: unknown) => {
      const { status, message } = refusalOf(error);
      reply(response, status, { error: message });
    });
  };

  const stream = (response: ServerResponse): void => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    const write = (type: string, data: object): void => {
      if (response.writableLength > MAX_UNSENT_BYTES) response.destroy();
      else response.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
    };
    const stops = [
      onChange((change) => write(change.type, change)),
      ...pushPhones.map((phone) => phone.onChange((push_phone) => write('push_phone', { push_phone }))),
    ];
    response.on('close', () => {
      for (const stop of stops) stop();
    });
    write('state', {
      commands,
      chats: chats.all().slice(0, PAGE_CHATS).map(snapshotOf),
      push_phones: pushPhones.map((phone) => phone.view()),
    });
  };

  return {
    handle,
    showCommands(shown) {
      commands = shown;
    },
  };
}

const snapshotOf = (chat: Chat): object => ({
  ...viewOf(chat),
  messages: [...chat.messages.values()].filter(({ deleted }) => !deleted).slice(-PAGE_MESSAGES),
});

const STATUS_BY_CODE: Readonly<Record<(VirtualUserError | PushPhoneError)['code'], number>> = {
  unknown_user: 404,
  unknown_chat: 404,
  unknown_message: 404,
  unknown_button: 409,
  bot_blocked: 409,
  empty_text: 422,
  no_page: 409,
  not_subscribed: 409,
};

function refusalOf(error: unknown): { status: number; message: string } {
  if (error instanceof RequestError) return error;
  if (error instanceof VirtualUserError || error instanceof PushPhoneError)
    return { status: STATUS_BY_CODE[error.code], message: error.message };
  if (error instanceof z.ZodError) return { status: 422, message: z.prettifyError(error) };
  return { status: 500, message: String(error) };
}
