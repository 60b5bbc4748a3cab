import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GrammyError, HttpError } from 'grammy';
import { classifyBotCallError, classifyTelegramError } from './classify-telegram-errors.ts';

const answer = (error_code: number, description: string, parameters = {}) =>
  new GrammyError(
    "Call to 'sendMessage' failed!",
    { ok: false, error_code, description, parameters },
    'sendMessage',
    {},
  );
const network = (code: string) =>
  new HttpError('failed', Object.assign(new Error(`https://api/bot1:SECRET/sendMessage ${code}`), { code }));

/** As node-fetch words it. */
const noJson = (reason: string) =>
  new HttpError(
    'failed',
    Object.assign(new Error(`at https://api/bot1:SECRET reason: ${reason}`), { type: 'invalid-json' }),
  );
const parseError = (text: string): string => {
  try {
    return JSON.parse(text);
  } catch (error) {
    return (error as Error).message;
  }
};

const TABLE: [Error, string][] = [
  [answer(403, 'Forbidden: bot was blocked by the user'), 'unreachable'],
  [answer(403, 'Forbidden: user is deactivated'), 'unreachable'],
  [answer(403, 'Forbidden: something new'), 'unreachable'],
  [answer(400, 'Bad Request: chat not found'), 'unreachable'],
  [answer(403, 'Forbidden: bot was kicked from the supergroup chat'), 'unreachable'],
  [answer(400, 'Bad Request: not enough rights to send text messages to the chat'), 'unreachable'],
  [answer(400, 'Bad Request: group chat was upgraded to a supergroup chat', { migrate_to_chat_id: -100 }), 'migrated'],
  [answer(400, "Bad Request: can't parse entities: Unsupported start tag"), 'content_rejected'],
  [answer(400, 'Bad Request: message is too long'), 'content_rejected'],
  [answer(400, 'Bad Request: text must be non-empty'), 'content_rejected'],
  [answer(400, 'Bad Request: something new'), 'failed'],
  [answer(429, 'Too Many Requests: retry after 5', { retry_after: 5 }), 'rate_limited'],
  [answer(401, 'Unauthorized'), 'channel_down'],
  [answer(404, 'Not Found'), 'channel_down'],
  [answer(500, 'Internal Server Error'), 'failed'],
  [network('unconnected:ECONNREFUSED'), 'channel_down'],
  [network('unconnected:ECONNRESET'), 'channel_down'],
  [network('ECONNRESET'), 'unknown'],
  [network('ETIMEDOUT'), 'unknown'],
  [new HttpError('failed', new Error('aborted')), 'unknown'],
  [noJson(parseError('<html>\r\n<head>')), 'failed'],
  [noJson(parseError('{"ok":true,"res')), 'unknown'],
  [noJson(parseError('')), 'unknown'],
];

for (const [error, kind] of TABLE)
  test(`${error instanceof GrammyError ? error.description : (error as HttpError).error} means ${kind}`, () => {
    const failure = classifyTelegramError(error);
    assert.equal(failure.kind, kind);
    assert.doesNotMatch(JSON.stringify(failure), /SECRET/);
  });

test('tells a refused token from a missing connection', () => {
  const isRefused = (error: Error) => {
    const failure = classifyTelegramError(error);
    return failure.kind === 'channel_down' ? failure.tokenRefused : null;
  };
  const errors = [answer(401, 'Unauthorized'), answer(404, 'Not Found'), network('unconnected:ECONNREFUSED')];
  assert.deepEqual(errors.map(isRefused), [true, true, false]);
});

test('waits as long as Telegram says, and at least a second', () => {
  const wait = (parameters: object) => {
    const failure = classifyTelegramError(answer(429, 'Too Many Requests', parameters));
    return failure.kind === 'rate_limited' ? failure.retryAfterMs : null;
  };
  assert.deepEqual([wait({ retry_after: 17 }), wait({}), wait({ retry_after: 0 })], [17_000, 1000, 1000]);
});

test('an answer that grammY can make nothing of is a failed attempt', () => {
  assert.equal(classifyTelegramError(new TypeError("Cannot read properties of null (reading 'ok')")).kind, 'failed');
});

const BOT_TABLE: [Error, string][] = [
  [answer(400, 'Bad Request: message is not modified: specified new message content'), 'settled'],
  [answer(400, 'Bad Request: message to edit not found'), 'settled'],
  [answer(400, 'Bad Request: message to delete not found'), 'settled'],
  [answer(400, "Bad Request: message can't be edited"), 'settled'],
  [answer(400, 'Bad Request: query is too old and response timeout expired or query ID is invalid'), 'settled'],
  [answer(400, "Bad Request: message can't be deleted for everyone"), 'undeletable'],
  [answer(400, 'Bad Request: group chat was upgraded', { migrate_to_chat_id: -1001 }), 'migrated'],
  [answer(409, 'Conflict: terminated by other getUpdates request'), 'conflict'],
  [answer(400, 'Bad Request: something new'), 'refused'],
  [answer(400, 'Bad Request: chat not found'), 'unreachable'],
  [answer(400, "Bad Request: can't parse entities: Unsupported start tag"), 'content_rejected'],
  [answer(403, 'Forbidden: bot was kicked from the group chat'), 'unreachable'],
  [answer(429, 'Too Many Requests: retry after 5', { retry_after: 5 }), 'rate_limited'],
  [answer(401, 'Unauthorized'), 'channel_down'],
  [answer(500, 'Internal Server Error'), 'failed'],
  [network('ECONNRESET'), 'unknown'],
];

for (const [error, kind] of BOT_TABLE)
  test(`of the bot's calls, ${error instanceof GrammyError ? error.description : 'a lost answer'} means ${kind}`, () => {
    assert.equal(classifyBotCallError(error).kind, kind);
  });
