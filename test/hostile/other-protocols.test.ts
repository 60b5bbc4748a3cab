import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { startHostileApp } from './hostile-app.ts';
import { assertProblem, isParserRefusal } from './judge.ts';
import { openRaw, PARSER_GIVES_UP_MS, rawRequest } from './raw-socket.ts';
import { COMPANY, request } from './requests.ts';

const app = await startHostileApp();
const { port } = app;
assert.equal((await rawRequest(port, request('POST', '/v1/companies', { body: COMPANY })))?.status, 201);

describe('a client that speaks otherwise', () => {
  test('is refused with HTTP/1.0, HTTP/2, TLS, an odd target, or no HTTP at all', async () => {
    const words = [
      ...[
        'GET /healthz HTTP/1.0\r\nHost: x\r\n\r\n',
        'GET /healthz HTTP/2.0\r\nHost: x\r\n\r\n',
        'GET /healthz HTTP/1.2\r\nHost: x\r\n\r\n',
      ],
      ...[
        'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
        'GET /healthz\r\n\r\n',
        'GET http://x/healthz HTTP/1.1\r\nHost: x\r\n\r\n',
        'hello world\r\n\r\n',
      ],
      ...[
        'CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n',
        'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n',
        'GET /healthz HTTP/1.1\r\n\r\n',
      ],
      `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03${'\x80'.repeat(500)}\r\n\r\n`,
    ];
    const answers = await Promise.all(
      words.map((bytes) => rawRequest(port, Buffer.from(bytes, 'latin1'), PARSER_GIVES_UP_MS)),
    );
    for (const [n, answer] of answers.entries())
      assert.equal(answer === undefined || isParserRefusal(answer), true, `${words[n]}: ${answer?.status}`);
  });

  test('hears 100 Continue before its body, and the refusal after it', async () => {
    const connection = await openRaw(port);
    connection.send(
      request('POST', '/v1/companies', {
        lines: ['Expect: 100-continue', `Content-Length: ${COMPANY.length}`],
        body: '',
      }),
    );
    await eventually(() => assert.match(connection.received(), /^HTTP\/1\.1 100 Continue\r\n\r\n$/));
    connection.send(COMPANY);
    const [answer] = await connection.answers(1);
    assert.equal(answer?.status, 201);
    connection.socket.destroy();
    for (const expect of ['100-continue, x', 'x', '']) {
      const other = await rawRequest(
        port,
        request('POST', '/v1/companies', { lines: [`Expect: ${expect}`], body: '{}' }),
      );
      assertProblem(other, 422, 'validation_failed', expect);
    }
  });

  test('asking for another protocol is answered as if it had not', async () => {
    const key = `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`;
    const upgrade = (to: string) => ['Connection: Upgrade', `Upgrade: ${to}`];
    const version = 'Sec-WebSocket-Version: 13';
    for (const to of ['h2c', 'TLS/1.0', 'foo', 'websocket, h2c', ''])
      assertProblem(
        await rawRequest(port, request('GET', '/v1/live?company_id=1', { lines: [...upgrade(to), key, version] })),
        426,
        'upgrade_required',
        to,
      );
    const others: string[][] = [
      [key],
      [key, version],
      [...upgrade('websocket'), version],
      [...upgrade('websocket'), key],
    ];
    for (const lines of [
      ...others,
      [...upgrade('websocket'), key, 'Sec-WebSocket-Version: 8'],
      [...upgrade('websocket'), 'Sec-WebSocket-Key: x', version],
    ])
      assertProblem(
        await rawRequest(port, request('GET', '/v1/live?company_id=1', { lines })),
        426,
        'upgrade_required',
        lines.join(),
      );
    const elsewhere = await rawRequest(
      port,
      request('GET', '/v1/companies/1', { lines: [...upgrade('websocket'), key, version] }),
    );
    assert.equal(elsewhere?.status, 200);
    const posted = await rawRequest(
      port,
      request('POST', '/v1/live?company_id=1', { lines: [...upgrade('websocket'), key, version], body: '{}' }),
    );
    assertProblem(posted, 405, 'method_not_allowed');
  });
});

test('after all of it nothing went wrong inside', () => {
  assert.deepEqual(app.failures(), []);
});
