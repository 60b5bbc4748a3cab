import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startHostileApp } from './hostile-app.ts';
import { assertCivil, assertCivilOrClosed, assertProblem, isParserRefusal } from './judge.ts';
import { openRaw, PARSER_GIVES_UP_MS, rawRequest } from './raw-socket.ts';
import { COMPANY, request } from './requests.ts';

const app = await startHostileApp();
const { port } = app;
const send = (bytes: Buffer | string) => rawRequest(port, bytes);
const patiently = (bytes: Buffer) => rawRequest(port, bytes, PARSER_GIVES_UP_MS);

describe('the head of a request', { concurrency: true }, () => {
  test('is refused where it says two things about the length of the body, and what follows is no request', async () => {
    const secret = '{"name":"smuggled","time_zone":"UTC"}';
    const chunk = `${secret.length.toString(16)}\r\n${secret}\r\n0\r\n\r\n`;
    const behind = request('POST', '/v1/companies', { body: secret }).toString('latin1');
    const length = (value: string | number) => `Content-Length: ${value}`;
    const cases: [string[], string][] = [
      [[length(secret.length), length(0)], secret],
      [[length(0), length(secret.length)], behind],
      [[length(secret.length), length(secret.length)], secret],
      [[length(secret.length), 'Transfer-Encoding: chunked'], chunk],
      [['Transfer-Encoding: chunked', length(0)], chunk],
      [['Transfer-Encoding: xchunked'], chunk],
      [['Transfer-Encoding: gzip, chunked'], chunk],
      [['Transfer-Encoding: identity'], secret],
      [['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], chunk],
      [['Transfer-Encoding: \x0bchunked'], chunk],
    ];
    await Promise.all(
      cases.map(async ([lines, body]) => {
        const said = lines.join(', ');
        const connection = await openRaw(port);
        connection.send(request('POST', '/v1/companies', { lines, body }));
        const [answer, ...more] = await connection.ended(PARSER_GIVES_UP_MS);
        assert.deepEqual(more, [], said);
        if (answer && !isParserRefusal(answer)) assertProblem(answer, 400, 'malformed_request', said);
      }),
    );
    const listed = await send(request('GET', '/v1/companies?name=smuggled'));
    assert.equal(listed?.text, '{"items":[],"next_cursor":null}');
  });

  test('may say any length, and gets an answer or an end', async () => {
    const lengths = [
      '-1',
      '+30',
      '0x1e',
      '30, 30',
      '3e1',
      '1.5',
      '',
      'a',
      '99999999999999999999999',
      '18446744073709551616',
    ];
    for (const length of lengths) {
      const lines = [`Content-Length: ${length}`];
      assertCivilOrClosed(await send(request('POST', '/v1/companies', { lines, body: COMPANY })), length);
    }
    for (const length of [1_048_577, 4_294_967_296, Number.MAX_SAFE_INTEGER]) {
      const answer = await send(
        request('POST', '/v1/companies', { lines: [`Content-Length: ${length}`], body: COMPANY }),
      );
      assertProblem(answer, 413, 'payload_too_large', String(length));
    }
    const sizes = ['zz', '-1', 'FFFFFFFFFFFFFFFF', '1;a=b', '', '0x5', '100000000'];
    const lines = ['Transfer-Encoding: chunked'];
    const answers = await Promise.all(
      sizes.map((size) => patiently(request('POST', '/v1/companies', { lines, body: `${size}\r\n{}\r\n0\r\n\r\n` }))),
    );
    for (const [n, answer] of answers.entries()) assertCivilOrClosed(answer, String(sizes[n]));
  });

  test('brings a body as application/json in UTF-8, or is refused', async () => {
    const post = (type: string) =>
      send(request('POST', '/v1/companies', { lines: [`Content-Type: ${type}`], body: COMPANY }));
    const wrong = [
      '',
      'json',
      'text/json',
      'application/json; charset=utf-7',
      'application/json, text/html',
      'application/jsonx',
    ];
    for (const type of [
      ...wrong,
      'application/json;charset=utf-8;x=y',
      '*/*',
      `application/json${' '.repeat(3_000)}x`,
      '\xe9',
    ])
      assertProblem(await post(type), 415, 'unsupported_media_type', type);
    for (const type of ['APPLICATION/JSON', 'application/json;charset=UTF-8', 'application/json; charset="utf-8"'])
      assert.equal((await post(type))?.status, 201, type);
  });

  test('gives nothing back that could be another header', async () => {
    const marks = [
      'a\r\nset-cookie: x=1',
      'a\nset-cookie: x=1',
      'a\rset-cookie: x=1',
      'a\0b',
      'a\r\n b',
      '%0d%0aset-cookie: x=1',
    ];
    const names = [
      'X-Request-Id',
      'traceparent',
      'Idempotency-Key',
      'X-Initiated-By-Channel',
      'X-Initiated-By-Role',
      'Origin',
    ];
    const answers = await Promise.all(
      marks.flatMap((mark) =>
        names.map(async (name) => ({
          said: `${name}: ${JSON.stringify(mark)}`,
          answer: await patiently(request('POST', '/v1/companies', { lines: [`${name}: ${mark}`], body: '{}' })),
        })),
      ),
    );
    assert.equal(
      answers.some(({ answer }) => answer !== undefined),
      true,
    );
    for (const { said, answer } of answers) {
      assertCivilOrClosed(answer, said);
      if (!answer) continue;
      assert.equal('set-cookie' in answer.headers, false, said);
      assert.equal(JSON.stringify(answer.headers).includes('set-cookie'), false, said);
    }
  });

  test('may be long or have many lines: it is answered, refused or hung up on', async () => {
    const counts = [50, 100, 1_000];
    const heads: [string, string[]][] = [
      ...counts.map((count): [string, string[]] => [
        `${count} lines`,
        Array.from({ length: count }, (_, n) => `X-A${n}: b`),
      ]),
      ['a line of 100 KB', [`X-A: ${'a'.repeat(100_000)}`]],
      ['a name of 100 KB', [`${'a'.repeat(100_000)}: b`]],
      ['a key of 100 KB', [`Idempotency-Key: ${'a'.repeat(100_000)}`]],
      ['a line of 5 MB', [`X-A: ${'a'.repeat(5_000_000)}`]],
      ['a line without a colon', ['garbage']],
      ['a name with a blank', ['X-A : b']],
      ['no name', [': b']],
    ];
    const answers = await Promise.all(heads.map(([, lines]) => patiently(request('GET', '/v1/companies', { lines }))));
    for (const [n, answer] of answers.entries()) assertCivilOrClosed(answer, String(heads[n]?.[0]));
    assert.equal(answers[0]?.status, 200);
  });

  test('with a bad traceparent, If-None-Match or X-Request-Id is read as if it had none', async () => {
    const bad = ['00-0-0-00', 'x'.repeat(3_000), '"', 'W/', '*', ', ,', '\x80\xff', '00-'.repeat(500), '{"a":1}', ''];
    for (const name of [
      'traceparent',
      'If-None-Match',
      'X-Request-Id',
      'Accept',
      'Range',
      'Accept-Encoding',
      'If-Modified-Since',
    ])
      for (const value of bad) {
        const answer = await send(request('GET', '/v1/companies', { lines: [`${name}: ${value}`] }));
        assert.ok(answer);
        assertCivil(answer, `${name}: ${value}`);
        assert.equal(answer.status, 200, `${name}: ${value}`);
      }
  });
});

test('after all of it nothing went wrong inside', async () => {
  assert.deepEqual(app.failures(), []);
  assert.equal((await send(request('GET', '/healthz')))?.status, 200);
});
