import { GrammyError, HttpError } from 'grammy';
import type { Failure } from '#streams/dead-letters.ts';
import { UNCONNECTED } from './connect-watch.ts';

/** Why a chat cannot be written to until its user acts. */
export type RefusedChat = 'blocked' | 'deactivated' | 'chat_not_found';
/** As `telegram_unreachable` keeps it; `stopped` is the user's own wish. */
export type UnreachableReason = RefusedChat | 'stopped';

/** What a failed Bot API call means. The only place that reads Telegram's words. */
export type TelegramFailure =
  | { kind: 'unreachable'; reason: RefusedChat; failure: Failure }
  /** The group has become a supergroup with this id; nothing was sent. */
  | { kind: 'migrated'; chatId: number; failure: Failure }
  /** 429: wait as long as told; nothing was sent. */
  | { kind: 'rate_limited'; retryAfterMs: number; failure: Failure }
  /** The token is refused, or no connection could be made: nothing was sent, and no other chat fares better. */
  | { kind: 'channel_down'; tokenRefused: boolean; failure: Failure }
  /** Telegram refused this text: sending it again changes nothing. */
  | { kind: 'content_rejected'; failure: Failure }
  /** Telegram, or a proxy before it, answered with an error of its own: nothing was sent. */
  | { kind: 'failed'; failure: Failure }
  /** The request was written and no answer came, or half of one: it may have been sent. */
  | { kind: 'unknown'; failure: Failure };

/** Descriptions as of Bot API 9; the error codes alone do not tell these apart. */
const UNREACHABLE: [RegExp, RefusedChat][] = [
  [/chat not found|PEER_ID_INVALID|user not found/i, 'chat_not_found'],
  [/user is deactivated/i, 'deactivated'],
  [
    /blocked by the user|bot was kicked|can't initiate conversation|not a member|can't send messages to bots|(?:not enough|have no) rights to send|CHAT_WRITE_FORBIDDEN/i,
    'blocked',
  ],
];

const CONTENT_REJECTED =
  /can't parse entities|message text is empty|text must be non-empty|(?:message|text) is too long|text must be encoded|BUTTON_|reply markup|REPLY_MARKUP/i;

/** Longer waits are asked about again each day; a timer holds 24 days. */
const MAX_RETRY_AFTER_S = 86_400;

function classifyAnswer(error: GrammyError): TelegramFailure {
  const { error_code: status, description } = error;
  const failure = { code: `telegram_${status}`, message: description };
  if (status === 429) {
    const seconds = Math.min(Math.max(1, error.parameters.retry_after ?? 1), MAX_RETRY_AFTER_S);
    return { kind: 'rate_limited', retryAfterMs: seconds * 1000, failure };
  }
  if (status === 401 || status === 404) return { kind: 'channel_down', tokenRefused: true, failure };
  const migratedTo = error.parameters.migrate_to_chat_id;
  if (migratedTo !== undefined) return { kind: 'migrated', chatId: migratedTo, failure };
  if (status === 400 || status === 403) {
    const unreachable = UNREACHABLE.find(([words]) => words.test(description));
    if (unreachable) return { kind: 'unreachable', reason: unreachable[1], failure };
    if (status === 403) return { kind: 'unreachable', reason: 'blocked', failure };
    if (CONTENT_REJECTED.test(description)) return { kind: 'content_rejected', failure };
  }
  return { kind: 'failed', failure };
}

const BAD_ANSWER: Failure = { code: 'telegram_bad_answer', message: 'the answer makes no sense' };
/** An HTML page where JSON was due, as `JSON.parse` words it; anything else that is no JSON was one before it was cut. */
const PROXY_PAGE = /Unexpected token '?</;

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** @param error what grammY's `Api` threw. Messages of network errors are dropped: they hold the URL, and with it the token. */
export function classifyTelegramError(error: unknown): TelegramFailure {
  if (error instanceof GrammyError) return classifyAnswer(error);
  // Not an HttpError: grammY could make nothing of the answer, such as the JSON `null` of a proxy.
  if (!(error instanceof HttpError)) return { kind: 'failed', failure: BAD_ANSWER };
  const cause = error.error;
  if (cause instanceof Error && 'type' in cause && cause.type === 'invalid-json')
    return { kind: PROXY_PAGE.test(cause.message) ? 'failed' : 'unknown', failure: BAD_ANSWER };
  const code = codeOf(cause);
  if (code?.startsWith(UNCONNECTED)) {
    const failure = { code: 'telegram_unreachable', message: code.slice(UNCONNECTED.length) };
    return { kind: 'channel_down', tokenRefused: false, failure };
  }
  return { kind: 'unknown', failure: { code: 'telegram_no_answer', message: code ?? 'no answer in time' } };
}

/** What a failed call of the bot means, where more can go wrong than with a message that is only sent. */
export type BotCallFailure =
  | TelegramFailure
  /** Nothing is left to do: it shows that already, the message is gone, or nobody waits for the answer any more. */
  | { kind: 'settled'; failure: Failure }
  /** A message older than 48 h (Bot API, deleteMessage), or one that the bot has no right to delete. */
  | { kind: 'undeletable'; failure: Failure }
  /** Another process asks for the updates, or a webhook takes them. */
  | { kind: 'conflict'; failure: Failure }
  /** Telegram will never take this request. */
  | { kind: 'refused'; failure: Failure };

const SETTLED =
  /message is not modified|message to (?:edit|delete) not found|message can't be edited|MESSAGE_ID_INVALID|query is too old|query ID is invalid/i;
const UNDELETABLE = /message can't be deleted/i;

/** As `classifyTelegramError`, for everything that the bot calls. */
export function classifyBotCallError(error: unknown): BotCallFailure {
  const general = classifyTelegramError(error);
  if (!(error instanceof GrammyError)) return general;
  const { error_code: status, description } = error;
  const { failure } = general;
  if (status === 409) return { kind: 'conflict', failure };
  if (status !== 400) return general;
  if (SETTLED.test(description)) return { kind: 'settled', failure };
  if (UNDELETABLE.test(description)) return { kind: 'undeletable', failure };
  return general.kind === 'failed' ? { kind: 'refused', failure } : general;
}
