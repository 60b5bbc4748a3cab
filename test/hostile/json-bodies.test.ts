import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BODY_LIMIT_BYTES, EVENTS_BODY_LIMIT_BYTES } from '#src/http/limits.ts';
import { startHostileApp } from './hostile-app.ts';
import { assertCivil, assertProblem } from './judge.ts';
import { type RawAnswer, rawRequest } from './raw-socket.ts';
import { COMPANY, jsonRequest, request } from './requests.ts';

const app = await startHostileApp();
const post = (body: string | Uint8Array, path = '/v1/companies'): Promise<RawAnswer | undefined> =>
  rawRequest(app.port, request('POST', path, { body: typeof body === 'string' ? Buffer.from(body) : body }));
const nested = (depth: number, open: string, close: string) => `${open.repeat(depth)}1${close.repeat(depth)}`;

describe('a JSON body', () => {
  test('may be as long as the limit, and no byte longer', async () => {
    const padded = (length: number) => `${COMPANY}${' '.repeat(length - COMPANY.length)}`;
    assert.equal((await post(padded(BODY_LIMIT_BYTES)))?.status, 201);
    assertProblem(await post(padded(BODY_LIMIT_BYTES + 1)), 413, 'payload_too_large');
    assertProblem(await post(padded(EVENTS_BODY_LIMIT_BYTES), '/v1/events'), 422, 'validation_failed');
    assertProblem(await post(padded(EVENTS_BODY_LIMIT_BYTES + 1), '/v1/events'), 413, 'payload_too_large');
  });

  test('is refused when its chunks grow over the limit, whatever they say', async () => {
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    const bytes = request('POST', '/v1/companies', { lines: ['Transfer-Encoding: chunked'], body: chunk.repeat(17) });
    assertProblem(await rawRequest(app.port, bytes), 413, 'payload_too_large');
  });

  test('may be nested as deep as it likes: it is refused, and quickly', async () => {
    const deep = [
      nested(100_000, '[', ']'),
      nested(100_000, '{"a":', '}'),
      nested(100_000, '[{"a":', '}]'),
      '['.repeat(1_000_000),
    ];
    const members = ['name', 'time_zone', 'x', '__proto__'];
    const bodies = deep.flatMap((value) => [
      value,
      ...members.map((name) => `{"name":"A","time_zone":"UTC","${name}":${value}}`),
    ]);
    for (const path of ['/v1/companies', '/v1/events', '/v1/broadcasts', '/v1/bookings'])
      for (const body of bodies) {
        const answer = await post(body, path);
        assert.ok(answer);
        assertCivil(answer, body.slice(0, 60));
        assert.equal([400, 413, 422].includes(answer.status), true, `${path} ${answer.status} ${body.slice(0, 60)}`);
      }
    const event = { type: 'booking_created', company_id: 1, booking_id: 1 };
    const withChange = `${JSON.stringify(event).slice(0, -1)},"change":${deep[1]}}`;
    assertProblem(await post(withChange, '/v1/events'), 422, 'validation_failed');
    assertProblem(
      await post(`{"company_id":1,"audience":${deep[1]},"content":{"tg_html":"x"}}`, '/v1/broadcasts'),
      422,
      'validation_failed',
    );
  });

  test('with sixty thousand wrong members is told of some of them', async () => {
    const many = `{${Array.from({ length: 60_000 }, (_, n) => `"k${n}":1`).join()}}`;
    const answer = await post(many);
    assertProblem(answer, 422, 'validation_failed');
    assert.equal(JSON.parse(answer?.text ?? '').errors.length, 100);
    const long = await post(`{"${'k'.repeat(900_000)}":1}`);
    assertProblem(long, 422, 'validation_failed');
    const events = `[${Array.from({ length: 1_000 }, () => '{"a":1,"b":2,"c":3,"d":4,"e":5}').join()}]`;
    assertProblem(await post(events, '/v1/events'), 422, 'validation_failed');
    const query = Array.from({ length: 5_000 }, (_, n) => `k${n}=1`).join('&');
    assertProblem(await rawRequest(app.port, request('GET', `/v1/companies?${query}`)), 400, 'malformed_request');
  });

  test('is refused when it is not UTF-8, in whichever way', async () => {
    const wrong = [
      '80',
      'c0 80',
      'c1 bf',
      'c3',
      'c3 28',
      'e2 82',
      'e0 80 80',
      'ed a0 80',
      'ed bf bf',
      'f0 80 80 80',
      'f0 9f 98',
      'f4 90 80 80',
      'f8 88 80 80 80',
      'fe',
      'ff',
    ];
    for (const hex of wrong) {
      const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
      const body = Buffer.concat([Buffer.from('{"time_zone":"UTC","name":"a'), bytes, Buffer.from('"}')]);
      assertProblem(await post(body), 400, 'malformed_request', hex);
    }
    for (const encoding of ['utf16le', 'latin1'] as const)
      assertProblem(
        await post(Buffer.from('{"name":"é","time_zone":"UTC"}', encoding)),
        400,
        'malformed_request',
        encoding,
      );
    for (const unit of ['\\ud800', '\\udfff\\ud800', '\\u0000'])
      assertProblem(await post(`{"name":"a${unit}","time_zone":"UTC"}`), 422, 'validation_failed', unit);
  });

  test('is refused when it is nearly JSON', async () => {
    const bodies = [
      ...[
        `\uFEFF${COMPANY}`,
        `${COMPANY}x`,
        `${COMPANY}${COMPANY}`,
        `${COMPANY},`,
        `${COMPANY}\0`,
        `)]}',\n${COMPANY}`,
      ],
      ...[
        "{'name':'A'}",
        '{"name":"A",}',
        '{name:"A"}',
        '{"name":NaN}',
        '{"name":Infinity}',
        '{"name":01}',
        '{"name":+1}',
        '// x\n{}',
      ],
      ...['{"name":"\n"}', '{"name":"\\x41"}', '{', '"', '', ' ', '\0'],
    ];
    for (const body of bodies) {
      const answer = await post(body);
      if (body === '') assertProblem(answer, 422, 'validation_failed');
      else assertProblem(answer, 400, 'malformed_request', body);
    }
  });

  test('of two members with one name takes the last, as JSON.parse does', async () => {
    const answer = await post('{"name":"first","name":"last","time_zone":"UTC"}');
    assert.equal(answer?.status, 201);
    assert.equal(JSON.parse(answer?.text ?? '').name, 'last');
  });

  test('with names of the prototype changes nothing of any object', async () => {
    const evil = '{"polluted":"yes","isAdmin":true,"scope":"admin","limit":1}';
    const keys = ['"__proto__":', '"constructor":{"prototype":', '"prototype":'];
    const ways = keys.map((key) => `${key}${evil}${key.includes('{') ? '}' : ''}`);
    for (const way of ways) {
      assertProblem(await post(`{"name":"A","time_zone":"UTC",${way}}`), 422, 'validation_failed', way);
      assertProblem(
        await post(`{"company_id":1,"content":{"tg_html":"x",${way}},"audience":{${way}}}`, '/v1/broadcasts'),
        422,
        'validation_failed',
      );
      assertProblem(await post(`[{"type":"booking_created",${way}}]`, '/v1/events'), 422, 'validation_failed', way);
      const patch = request('PATCH', '/v1/companies/1', {
        body: `{${way}}`,
        lines: ['Content-Type: application/json'],
      });
      assertProblem(await rawRequest(app.port, patch), 422, 'validation_failed', way);
    }
    const schedule = '{"weekly":{"__proto__":{"monday":{"from":"10:00","to":"19:00"}}},"days_off":[]}';
    const put = await rawRequest(app.port, request('PUT', '/v1/users/1/schedule', { body: schedule }));
    assert.ok(put);
    assertCivil(put, schedule);
    // A polluted limit would be a page's, and a polluted member everybody's.
    await rawRequest(app.port, jsonRequest('POST', '/v1/companies', { name: 'B', time_zone: 'UTC' }));
    const page = JSON.parse(
      (await rawRequest(app.port, request('GET', '/v1/companies?__proto__[limit]=1')))?.text ?? '',
    );
    assert.equal(page.code, 'malformed_request');
    const listed = JSON.parse((await rawRequest(app.port, request('GET', '/v1/companies')))?.text ?? '');
    assert.equal(listed.items.length > 1, true);
    assert.equal('polluted' in listed.items[0], false);
    assert.equal((await app.measure()).polluted, 'no');
  });
});

test('after all of it nothing went wrong inside', () => {
  assert.deepEqual(app.failures(), []);
});
