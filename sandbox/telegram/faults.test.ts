import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Api, GrammyError, HttpError } from 'grammy';
import type { Fault } from './faults.ts';
import { startTelegramSimulator, type TelegramSimulator } from './simulator.ts';

const TOKEN = '4242:sandbox-token';
const IVAN = 1001;
const ANNA = 1002;

let simulator: TelegramSimulator;
let api: Api;

beforeEach(async () => {
  simulator = await startTelegramSimulator({ token: TOKEN, rate: 'unlimited' });
  api = new Api(TOKEN, { apiRoot: simulator.apiRoot });
  simulator.registerUser({ id: IVAN, first_name: 'Иван' });
  simulator.registerUser({ id: ANNA, first_name: 'Анна' });
});
afterEach(() => simulator.stop());

const refusals: [Fault, number, string, object?][] = [
  [{ kind: 'blocked' }, 403, 'Forbidden: bot was blocked by the user'],
  [{ kind: 'deactivated' }, 403, 'Forbidden: user is deactivated'],
  [{ kind: 'chat_not_found' }, 400, 'Bad Request: chat not found'],
  [
    { kind: 'cant_parse_entities' },
    400,
    'Bad Request: can\'t parse entities: Unsupported start tag "scripted" at byte offset 0',
  ],
  [{ kind: 'server_error' }, 500, 'Internal Server Error'],
  [{ kind: 'unauthorized' }, 401, 'Unauthorized'],
  [{ kind: 'too_many_requests', retryAfter: 7 }, 429, 'Too Many Requests: retry after 7', { retry_after: 7 }],
  [
    { kind: 'migrated', to: -1005 },
    400,
    'Bad Request: group chat was upgraded to a supergroup chat',
    { migrate_to_chat_id: -1005 },
  ],
];

describe('a scripted refusal', () => {
  for (const [fault, status, description, parameters = {}] of refusals)
    test(`${fault.kind} is answered with ${status} and nothing is sent`, async () => {
      simulator.fault(IVAN, fault);
      await assert.rejects(api.sendMessage(IVAN, 'x'), (error: unknown) => {
        assert.ok(error instanceof GrammyError);
        assert.equal(error.error_code, status);
        assert.equal(error.description, description);
        assert.deepEqual(error.parameters, parameters);
        return true;
      });
      assert.deepEqual(simulator.messages(IVAN), []);
      assert.equal(simulator.requests()[0]?.outcome?.accepted, false);
    });

  test('a 429 says when to come back in the header, too', async () => {
    simulator.fault(IVAN, { kind: 'too_many_requests', retryAfter: 7 });
    const response = await fetch(`${simulator.apiRoot}/bot${TOKEN}/sendMessage?chat_id=${IVAN}&text=x`);
    assert.equal(response.headers.get('retry-after'), '7');
  });
});

describe('a broken answer', () => {
  test('bad_gateway is a page of HTML, and nothing is sent', async () => {
    simulator.fault(IVAN, { kind: 'bad_gateway' });
    const response = await fetch(`${simulator.apiRoot}/bot${TOKEN}/sendMessage?chat_id=${IVAN}&text=x`);
    assert.equal(response.status, 502);
    assert.match(await response.text(), /^<html>/);
    assert.deepEqual(simulator.messages(IVAN), []);
  });

  test('malformed_json comes after the message was sent', async () => {
    simulator.fault(IVAN, { kind: 'malformed_json' }, { times: 1 });
    await assert.rejects(api.sendMessage(IVAN, 'x'), HttpError);
    assert.equal(simulator.messages(IVAN).length, 1);
  });

  test('reset_before loses the request', async () => {
    simulator.fault(IVAN, { kind: 'reset_before' });
    await assert.rejects(api.sendMessage(IVAN, 'x'), HttpError);
    assert.deepEqual(simulator.messages(IVAN), []);
    assert.deepEqual(simulator.requests()[0]?.outcome, { status: 0, accepted: false, description: 'reset' });
  });

  test('reset_after loses only the answer', async () => {
    simulator.fault(IVAN, { kind: 'reset_after' });
    await assert.rejects(api.sendMessage(IVAN, 'x'), HttpError);
    const [message] = simulator.messages(IVAN);
    assert.deepEqual(simulator.requests()[0]?.outcome, {
      status: 0,
      accepted: true,
      description: 'reset_after',
      message_id: message?.message_id,
    });
  });

  test('reset_after still refuses what the method refuses', async () => {
    simulator.fault(IVAN, { kind: 'reset_after' });
    await assert.rejects(api.sendMessage(IVAN, '<b>', { parse_mode: 'HTML' }), GrammyError);
  });

  test('slow sends at once and answers late', async () => {
    simulator.fault(IVAN, { kind: 'slow', ms: 150 });
    const started = performance.now();
    const sending = api.sendMessage(IVAN, 'x');
    await simulator.until(() => simulator.messages(IVAN).length === 1);
    await sending;
    assert.ok(performance.now() - started >= 145);
  });

  test('hang never answers', async () => {
    simulator.fault(IVAN, { kind: 'hang' });
    const started = performance.now();
    await assert.rejects(
      fetch(`${simulator.apiRoot}/bot${TOKEN}/sendMessage?chat_id=${IVAN}&text=x`, {
        signal: AbortSignal.timeout(200),
      }),
    );
    assert.ok(performance.now() - started >= 190);
    assert.deepEqual(simulator.messages(IVAN), []);
  });
});

describe('the script of faults', () => {
  test('hits one chat and spares the others', async () => {
    simulator.fault(IVAN, { kind: 'server_error' });
    await assert.rejects(api.sendMessage(IVAN, 'x'));
    await api.sendMessage(ANNA, 'x');
  });

  test('runs out after as many requests as it was given, one fault after the other', async () => {
    simulator.fault(IVAN, { kind: 'server_error' }, { times: 2 });
    simulator.fault(IVAN, { kind: 'too_many_requests', retryAfter: 1 }, { times: 1 });
    await assert.rejects(api.sendMessage(IVAN, 'x'), /500/);
    await assert.rejects(api.sendMessage(IVAN, 'x'), /500/);
    await assert.rejects(api.sendMessage(IVAN, 'x'), /429/);
    await api.sendMessage(IVAN, 'x');
  });

  test('hits only the methods it names', async () => {
    simulator.fault(IVAN, { kind: 'server_error' }, { methods: ['deleteMessage'] });
    const { message_id } = await api.sendMessage(IVAN, 'x');
    await assert.rejects(api.deleteMessage(IVAN, message_id), /500/);
  });

  test('hits the whole bot, until it is cleared', async () => {
    simulator.fault('bot', { kind: 'unauthorized' });
    await assert.rejects(api.getMe(), /401/);
    await assert.rejects(api.sendMessage(ANNA, 'x'), /401/);
    simulator.clearFaults('bot');
    await api.getMe();
  });

  test('can be taken back', async () => {
    const takeBack = simulator.fault(IVAN, { kind: 'server_error' });
    takeBack();
    await api.sendMessage(IVAN, 'x');
  });
});
