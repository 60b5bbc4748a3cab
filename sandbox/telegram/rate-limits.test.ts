import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Api, GrammyError } from 'grammy';
import { createRateGate, TELEGRAM_RATE_LIMITS } from './rate-limits.ts';
import { startTelegramSimulator } from './simulator.ts';

const TOKEN = '4242:sandbox-token';
const gate = () => createRateGate(TELEGRAM_RATE_LIMITS);

describe('the rate gate', () => {
  test('lets 30 messages through in any sliding second, not 31', () => {
    const { take } = gate();
    for (let chat = 1; chat <= 30; chat++) assert.equal(take(chat, 900 + chat * 20), 0);
    assert.equal(take(31, 1_919), 1);
    assert.equal(take(31, 1_920), 0);
    assert.equal(take(32, 1_921), 1);
    assert.equal(take(32, 1_940), 0);
  });

  test('counts what is paid for apart, up to 1,000 in any sliding second', () => {
    const { take } = gate();
    for (let chat = 1; chat <= 30; chat++) assert.equal(take(chat, 0), 0);
    for (let chat = 1; chat <= 1_000; chat++) assert.equal(take(chat, 1, { paid: true }), 0);
    assert.equal(take(1_001, 500, { paid: true }), 1);
    assert.equal(take(1_001, 999), 1);
    assert.equal(take(1_001, 1_000), 0);
    assert.equal(take(1_001, 1_001, { paid: true }), 0);
  });

  test('limits one chat whether it is paid for or not', () => {
    const { take } = gate();
    for (let i = 0; i < 5; i++) assert.equal(take(1, 0, { paid: true }), 0);
    assert.equal(take(1, 0, { paid: true }), 1);
    assert.equal(take(1, 0), 1);
  });

  test('counts no message that it refused', () => {
    const { take } = gate();
    for (let chat = 1; chat <= 30; chat++) take(chat, 0);
    for (let i = 0; i < 100; i++) assert.equal(take(99, 999), 1);
    assert.equal(take(99, 1_000), 0);
  });

  test('lets a burst to one chat pass, and then one message a second', () => {
    const { take } = gate();
    for (let i = 0; i < TELEGRAM_RATE_LIMITS.perChatBurst; i++) assert.equal(take(1, 0), 0);
    assert.equal(take(1, 0), 1);
    assert.equal(take(1, 999), 1);
    assert.equal(take(1, 1_000), 0);
    assert.equal(take(1, 1_000), 1);
    assert.equal(take(2, 1_000), 0);
  });

  test('gives a chat its burst back when it was quiet', () => {
    const { take } = gate();
    for (let i = 0; i < 5; i++) take(1, 0);
    for (let i = 0; i < 5; i++) assert.equal(take(1, 60_000), 0);
    assert.equal(take(1, 60_000), 1);
  });

  test('lets 20 messages a minute into a group', () => {
    const { take } = gate();
    for (let i = 0; i < 20; i++) assert.equal(take(-7, i * 1_500), 0);
    assert.equal(take(-7, 30_000), 30);
    assert.equal(take(-7, 59_999), 1);
    assert.equal(take(-7, 60_000), 0);
  });
});

describe('the simulator', () => {
  test('answers 429 with retry_after when a chat gets too much', async (t) => {
    const simulator = await startTelegramSimulator({ token: TOKEN });
    t.after(() => simulator.stop());
    simulator.registerUser({ id: 1, first_name: 'Иван' });
    const api = new Api(TOKEN, { apiRoot: simulator.apiRoot });
    for (let i = 0; i < 5; i++) await api.sendMessage(1, 'x');
    await assert.rejects(api.sendMessage(1, 'x'), (error: unknown) => {
      assert.ok(error instanceof GrammyError);
      assert.equal(error.error_code, 429);
      assert.equal(error.description, 'Too Many Requests: retry after 1');
      assert.deepEqual(error.parameters, { retry_after: 1 });
      return true;
    });
    assert.equal(simulator.messages(1).length, 5);
  });

  test('takes paid messages beyond the 30 a second that are free', async (t) => {
    const strict = await startTelegramSimulator({ token: TOKEN, rate: { perChatBurst: 1_000 } });
    t.after(() => strict.stop());
    strict.registerUser({ id: 1, first_name: 'Иван' });
    const api = new Api(TOKEN, { apiRoot: strict.apiRoot });
    await Promise.all(Array.from({ length: 60 }, () => api.sendMessage(1, 'x', { allow_paid_broadcast: true })));
    await api.sendMessage(1, 'x');
    assert.equal(strict.messages(1).length, 61);
  });

  test('takes more than 30 a second over all chats only when told so', async (t) => {
    const strict = await startTelegramSimulator({ token: TOKEN, rate: { perChatBurst: 1_000 } });
    const lifted = await startTelegramSimulator({ token: TOKEN, rate: 'unlimited' });
    t.after(() => Promise.all([strict.stop(), lifted.stop()]));
    for (const simulator of [strict, lifted]) {
      simulator.registerUser({ id: 1, first_name: 'Иван' });
      const url = `${simulator.apiRoot}/bot${TOKEN}/sendMessage?chat_id=1&text=x`;
      const statuses = await Promise.all(Array.from({ length: 120 }, async () => (await fetch(url)).status));
      const refused = statuses.filter((status) => status === 429).length;
      if (simulator === lifted) assert.equal(refused, 0);
      else assert.ok(refused > 0, 'no request was refused');
    }
  });
});
