import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { phonesPage } from '#sandbox/phones/page.ts';
import type { PushPhone } from '#sandbox/push/push-phone.ts';
import { ApiError } from './api-error.ts';
import { type BotCommand, type CommandPlace, commandsKey } from './bot-commands.ts';
import { createBotRequests } from './bot-requests.ts';
import { createCallbackQueries } from './callback-queries.ts';
import {
  type ChatChange,
  type ChatView,
  createChats,
  type ShownMessage,
  type VirtualGroup,
  type VirtualUser,
  viewOf,
} from './chats.ts';
import { errorReply, send } from './exchange.ts';
import { createFaultScript, type Fault, type FaultOptions, type FaultTarget } from './faults.ts';
import { withBody } from './http-body.ts';
import { createBotMethods } from './methods.ts';
import { createPageApi, type PageApi } from './page-api.ts';
import { createRateGate, type RateLimits, TELEGRAM_RATE_LIMITS } from './rate-limits.ts';
import { createRequestLog, type RecordedRequest } from './request-log.ts';
import { createUpdateQueue } from './update-queue.ts';
import { createVirtualGroups, type VirtualGroups } from './virtual-group.ts';
import { createVirtualUsers, type VirtualUsers } from './virtual-user.ts';
import { createWatchers } from './watchers.ts';
import type { WireUser } from './wire.ts';

export interface SimulatorOptions {
  /** The one token the server knows; its digits are the bot's id. */
  token: string;
  /** 127.0.0.1 by default. */
  host?: string;
  /** 0, the default: any free port. */
  port?: number;
  /** Telegram's limits by default. */
  rate?: Partial<RateLimits> | 'unlimited';
  /** How many requests are kept on record; 0 for none. */
  keepRequests?: number;
  /** How many messages each chat keeps. */
  keepMessages?: number;
  /** Where message ids and update ids begin. A sandbox that outlives its simulator starts above those it has seen. */
  firstId?: number;
  /** Shown on the page beside the phones with Telegram. */
  pushPhones?: readonly PushPhone[];
  /** Unix time in milliseconds. */
  wallClock?: () => number;
}

/** A Bot API server for one bot, and the people who talk to it. */
export interface TelegramSimulator extends VirtualUsers, VirtualGroups, Pick<PageApi, 'showCommands'> {
  /** `http://host:port`: the API root for the bot, and the address of the page with the phones. */
  readonly apiRoot: string;
  readonly bot: WireUser;
  /** The person presses Start: from now on the bot may write. Registering again renames. */
  registerUser(user: VirtualUser): void;
  /** With the bot in it. Registering again renames. */
  registerGroup(group: VirtualGroup): void;
  chats(): ChatView[];
  /** What the chat shows, deleted messages included; empty for an unknown chat. */
  messages(chatId: number): ShownMessage[];
  /** What setMyCommands has set for exactly this place; without one, all scopes and languages after one another. */
  commands(place?: CommandPlace): BotCommand[];
  /** Scripts a fault; the answer takes it back. */
  fault(target: FaultTarget, fault: Fault, options?: FaultOptions): () => void;
  clearFaults(target?: FaultTarget): void;
  /** Oldest first. */
  requests(): RecordedRequest[];
  clearRequests(): void;
  /** Calls back at every change of a chat; the answer ends it. */
  onChange(listener: (change: ChatChange) => void): () => void;
  /**
   * Waits until `probe` gives something other than undefined, null or false; it is asked again after every request and change.
   * @throws after `timeoutMs` (20,000 by default), and when the simulator stops.
   */
  until<T>(probe: () => T | undefined | null | false, options?: { timeoutMs?: number }): Promise<T>;
  /** Ends every connection at once. Idempotent. */
  stop(): Promise<void>;
}

const MAX_BODY_BYTES = 1 << 20;
/** Longer than the idle time of usual clients, so that the server never closes a connection just being used. */
const KEEP_ALIVE_MS = 75_000;

/** @throws when the port is taken. */
export async function startTelegramSimulator(options: SimulatorOptions): Promise<TelegramSimulator> {
  const { token, host = '127.0.0.1', port = 0, firstId = 1, wallClock = Date.now } = options;
  const bot = botOf(token);
  const stopping = new AbortController();
  const watchers = createWatchers(stopping.signal);
  const emit = watchers.emit;
  const chats = createChats({
    bot,
    firstMessageId: firstId,
    keepMessages: options.keepMessages ?? 1_000,
    wallClock,
    emit,
  });
  const updates = createUpdateQueue(firstId);
  const callbacks = createCallbackQueries(firstId);
  const users = createVirtualUsers({ bot, chats, callbacks, updates, wallClock });
  const groups = createVirtualGroups({ bot, chats, updates, wallClock });
  const faults = createFaultScript();
  const log = createRequestLog(options.keepRequests ?? 100_000);
  const commands = new Map<string, BotCommand[]>();
  const limits = { ...TELEGRAM_RATE_LIMITS, ...(options.rate === 'unlimited' ? {} : options.rate) };
  const rateGate = options.rate === 'unlimited' ? null : createRateGate(limits);
  const methods = createBotMethods({ bot, chats, callbacks, updates, rateGate, commands, wallClock, emit });
  const botRequest = createBotRequests({
    token,
    methods,
    faults,
    log,
    wallClock,
    onProgress: watchers.poke,
    stopping: stopping.signal,
  });
  const page = createPageApi({ chats, users, onChange: watchers.onChange, pushPhones: options.pushPhones ?? [] });

  const server = createServer((request, response) => route(request, response, { botRequest, page: page.handle }));
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const closed = new Promise<void>((resolve) => server.once('close', resolve));

  return {
    ...users,
    ...groups,
    apiRoot: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    bot,
    registerUser: (user) => void chats.registerUser(user),
    registerGroup: (group) => void chats.registerGroup(group),
    chats: () => chats.all().map(viewOf),
    messages: (chatId) => [...(chats.find(chatId)?.messages.values() ?? [])],
    commands: (place) => (place ? (commands.get(commandsKey({ ...place })) ?? []) : [...commands.values()].flat()),
    fault: faults.add,
    clearFaults: faults.clear,
    requests: log.all,
    clearRequests: log.clear,
    showCommands: page.showCommands,
    onChange: watchers.onChange,
    until: watchers.until,
    async stop() {
      stopping.abort();
      updates.stop();
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function botOf(token: string): WireUser {
  const id = Number(/^(\d{1,15}):/.exec(token)?.[1]);
  if (!(id > 0)) throw new Error('the token must look like 123456:ABC-DEF');
  return { id, is_bot: true, first_name: 'Vestnik', username: 'vestnik_sandbox_bot' };
}

interface Routes {
  botRequest: ReturnType<typeof createBotRequests>;
  page: (request: IncomingMessage, response: ServerResponse, body: string) => void;
}

function route(request: IncomingMessage, response: ServerResponse, { botRequest, page }: Routes): void {
  withBody(request, MAX_BODY_BYTES, (body) => {
    const path = request.url ?? '/';
    if (body === null) send(response, errorReply(new ApiError(413, 'Request Entity Too Large')));
    else if (path.startsWith('/bot')) botRequest(request, response, body);
    else if (path.startsWith('/sandbox')) page(request, response, body);
    else phonesPage(request, response);
  });
}
