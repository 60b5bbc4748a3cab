import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { Api } from 'grammy';
import { createPushPhone, type PushPhone } from '#sandbox/push/push-phone.ts';
import { createPushService, type PushService } from '#sandbox/push/push-service.ts';
import { startTelegramSimulator, type TelegramSimulator } from './simulator.ts';

const TOKEN = '4242:sandbox-token';
const IVAN = 1001;
const MARIA = 5;
/** Any point on the curve will do (RFC 8291, appendix A). */
const VAPID_KEY = 'BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8';

let simulator: TelegramSimulator;
let api: Api;
let pushService: PushService;
let phone: PushPhone;

before(async () => {
  pushService = createPushService();
  phone = createPushPhone(await pushService.start(), {
    ...{ id: MARIA, name: '<i>Мария</i>', caption: 'client', language_code: 'ru' },
  });
  simulator = await startTelegramSimulator({ token: TOKEN, rate: 'unlimited', pushPhones: [phone] });
  api = new Api(TOKEN, { apiRoot: simulator.apiRoot });
  simulator.registerUser({ id: IVAN, first_name: 'Иван', caption: 'client' });
  simulator.showCommands([{ client: 'Иван', line: 'curl example' }]);
});
after(async () => {
  await simulator.stop();
  await pushService.stop();
});

const send = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${simulator.apiRoot}/sandbox/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const post: typeof send = (path, ...rest) => send(`chats/${path}`, ...rest);

/** fetch does not let a caller choose Host. */
const statusWithHost = (host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(simulator.apiRoot);
    httpRequest({ hostname, port, path: '/sandbox/events', headers: { host } }, (response) => {
      response.destroy();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });

describe('the page’s API', () => {
  test('lets the user of a chat write', async () => {
    const response = await post(`${IVAN}/messages`, { text: ' /start ' });
    assert.equal(response.status, 200);
    assert.equal(simulator.messages(IVAN).at(-1)?.text, '/start');
  });

  test('lets the user press a button', async () => {
    const { message_id } = await api.sendMessage(IVAN, 'x', {
      reply_markup: { inline_keyboard: [[{ text: 'x', callback_data: 'x' }]] },
    });
    assert.equal((await post(`${IVAN}/buttons`, { message_id, data: 'x' })).status, 200);
    assert.equal((await post(`${IVAN}/buttons`, { message_id, data: 'y' })).status, 409);
  });

  test('lets the user stop the bot and start it again', async () => {
    assert.equal((await post(`${IVAN}/block`, {})).status, 200);
    assert.equal(simulator.chats()[0]?.blocked, true);
    assert.equal((await post(`${IVAN}/messages`, { text: 'x' })).status, 409);
    assert.equal((await post(`${IVAN}/unblock`, {})).status, 200);
    assert.equal(simulator.chats()[0]?.blocked, false);
  });

  test('lets the owner of a browser forbid notifications and subscribe again', async () => {
    assert.equal((await send(`push-phones/${MARIA}/subscribe`, {})).status, 409);
    await phone.open({ publicKey: async () => VAPID_KEY, register: async () => undefined });
    assert.equal((await send(`push-phones/${MARIA}/unsubscribe`, {})).status, 200);
    assert.equal(phone.view().subscribed, false);
    assert.equal((await send(`push-phones/${MARIA}/next-answer`, { status: 429 })).status, 409);
    assert.equal((await send(`push-phones/${MARIA}/subscribe`, {})).status, 200);
    assert.equal(phone.view().subscribed, true);
  });

  test('lets the next answer of the push service be chosen', async () => {
    assert.equal((await send(`push-phones/${MARIA}/next-answer`, { status: 429 })).status, 200);
    assert.equal(phone.view().next_status, 429);
    assert.equal((await send(`push-phones/${MARIA}/next-answer`, { status: 418 })).status, 422);
    assert.equal((await send(`push-phones/${MARIA}/next-answer`, { status: null })).status, 200);
    assert.equal(phone.view().next_status, null);
    assert.equal((await send('push-phones/7/subscribe', {})).status, 404);
    assert.equal((await send(`push-phones/${MARIA}/dance`, {})).status, 404);
  });

  test('says what the product says when it refuses a subscription', async () => {
    await phone.open({ publicKey: async () => VAPID_KEY, register: async () => undefined });
    const register = async () => Promise.reject(new Error('no room'));
    await assert.rejects(phone.open({ publicKey: async () => VAPID_KEY, register }));
    const response = await send(`push-phones/${MARIA}/subscribe`, {});
    assert.deepEqual([response.status, await response.json()], [500, { error: 'Error: no room' }]);
  });

  const badBodies: [string, unknown][] = [
    ['messages', {}],
    ['messages', { text: '' }],
    ['messages', { text: 5 }],
    ['messages', { text: 'x', more: 1 }],
    ['messages', null],
    ['buttons', { message_id: 'x', data: 'x' }],
    ['block', { x: 1 }],
  ];
  for (const [action, body] of badBodies)
    test(`refuses ${JSON.stringify(body)} for ${action}`, async () => {
      assert.equal((await post(`${IVAN}/${action}`, body)).status, 422);
    });

  test('refuses unknown chats, actions, methods and media types', async () => {
    assert.equal((await post('7/messages', { text: 'x' })).status, 404);
    assert.equal((await post(`${IVAN}/dance`, {})).status, 404);
    assert.equal((await fetch(`${simulator.apiRoot}/sandbox/chats/${IVAN}/messages`)).status, 405);
    assert.equal((await post(`${IVAN}/messages`, { text: 'x' }, { 'content-type': 'text/plain' })).status, 415);
  });

  test('keeps other sites out', async () => {
    assert.equal((await post(`${IVAN}/messages`, { text: 'x' }, { origin: 'https://evil.example' })).status, 403);
    assert.equal((await post(`${IVAN}/messages`, { text: 'x' }, { origin: 'null' })).status, 403);
    assert.equal((await post(`${IVAN}/messages`, { text: 'x' }, { origin: simulator.apiRoot })).status, 200);
    assert.equal(await statusWithHost('evil.example'), 403);
    assert.equal(await statusWithHost('localhost:3000'), 200);
  });

  test('streams the state first and then every change', async () => {
    const controller = new AbortController();
    const response = await fetch(`${simulator.apiRoot}/sandbox/events`, { signal: controller.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    assert.ok(reader);
    const readUntil = async (pattern: RegExp): Promise<string> => {
      let seen = '';
      while (!pattern.test(seen)) {
        const { value, done } = await reader.read();
        assert.ok(!done);
        seen += value;
      }
      return seen;
    };
    const state = await readUntil(/\n\n/);
    assert.match(state, /^event: state\ndata: \{"commands":\[\{"client":"Иван","line":"curl example"\}\],"chats":\[/);
    assert.match(state, /"caption":"client"/);
    assert.match(state, /"push_phones":\[\{"id":5,"name":"<i>Мария<\/i>"/);
    phone.unsubscribe();
    assert.match(await readUntil(/\n\n/), /^event: push_phone\ndata: \{"push_phone":\{"id":5,.*"subscribed":false/);
    const { message_id } = await api.sendMessage(IVAN, 'live');
    assert.match(
      await readUntil(/\n\n/),
      new RegExp(`event: message\ndata: .*"message_id":${message_id},.*"text":"live"`),
    );
    controller.abort();
  });
});

describe('the page', () => {
  test('is served with a strict policy, and so are its parts', async () => {
    for (const [path, type] of [
      ['/', 'text/html'],
      ['/phones.js', 'text/javascript'],
      ['/phone.js', 'text/javascript'],
      ['/push-phone.js', 'text/javascript'],
      ['/phone-frame.js', 'text/javascript'],
      ['/outside-link.js', 'text/javascript'],
      ['/message-view.js', 'text/javascript'],
      ['/words.js', 'text/javascript'],
      ['/page.css', 'text/css'],
      ['/phones.css', 'text/css'],
      ['/message-view.css', 'text/css'],
      ['/push-phone.css', 'text/css'],
      ['/icon.svg', 'image/svg+xml'],
    ] as const) {
      const response = await fetch(simulator.apiRoot + path);
      assert.equal(response.status, 200, path);
      assert.ok(response.headers.get('content-type')?.startsWith(type), path);
      assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'; script-src 'self'/);
    }
  });

  test('needs nothing from elsewhere', async () => {
    const html = await (await fetch(simulator.apiRoot)).text();
    assert.doesNotMatch(html, /https?:\/\/|<style|\son\w+=|style=/);
  });

  test('serves no other file', async () => {
    for (const path of ['/page.ts', '/../demo.ts', '/%2e%2e/demo.ts', '/constructor', '/nothing'])
      assert.equal((await fetch(simulator.apiRoot + path)).status, 404, path);
    assert.equal((await fetch(simulator.apiRoot, { method: 'POST' })).status, 405);
  });
});
