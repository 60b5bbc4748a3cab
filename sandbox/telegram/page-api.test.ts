import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { Api } from 'grammy';
import { startTelegramSimulator, type TelegramSimulator } from './simulator.ts';

const TOKEN = '4242:sandbox-token';
const IVAN = 1001;

let simulator: TelegramSimulator;
let api: Api;

before(async () => {
  simulator = await startTelegramSimulator({ token: TOKEN, rate: 'unlimited' });
  api = new Api(TOKEN, { apiRoot: simulator.apiRoot });
  simulator.registerUser({ id: IVAN, first_name: 'Иван', caption: 'client' });
  simulator.showCommand('curl example');
});
after(() => simulator.stop());

const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${simulator.apiRoot}/sandbox/chats/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

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
    assert.match(state, /^event: state\ndata: \{"command":"curl example","chats":\[/);
    assert.match(state, /"caption":"client"/);
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
      ['/message-view.js', 'text/javascript'],
      ['/words.js', 'text/javascript'],
      ['/page.css', 'text/css'],
      ['/phones.css', 'text/css'],
      ['/message-view.css', 'text/css'],
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
