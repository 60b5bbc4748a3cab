import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { describe, test } from 'node:test';
import { API_KEY, assertProblem, bookingBody, makeSalon, startTestApi, type TestApi } from '#test/support/api.ts';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { parseTags } from './conditional.ts';

/** One thing of each kind: what makes it, or where it is; what changes it; and whether it can be deleted. */
interface Sample {
  path: string;
  create?: object;
  change?: { method: 'PATCH' | 'PUT'; body: object };
  deletable: boolean;
  /** The answer that made it shows a secret, so it is another representation and has no tag. */
  showsSecret?: true;
}

async function samples(api: TestApi): Promise<Sample[]> {
  const salon = await makeSalon(api);
  const { company_id } = salon;
  const renamed = { method: 'PATCH', body: { name: 'другое' } } as const;
  const hours = { method: 'PUT', body: { weekly: { monday: { from: '10:00', to: '19:00' } } } } as const;
  const setting = { event_type: 'booking_created', recipient_role: 'admin', channel: 'web_push' };
  const ad = { name: 'Ad', content_tg: '<b>x</b>', valid_until: '2026-12-31T23:59:59.123456+03:00' };
  const of = (path: string, body: object, change = renamed as Sample['change']): Sample => ({
    ...{ path, create: { company_id, ...body }, deletable: true },
    ...(change && { change }),
  });
  return [
    { ...of('/v1/companies', {}), create: { name: 'B', time_zone: 'UTC' } },
    of('/v1/locations', { name: 'A' }),
    of('/v1/services', { name: 'A', duration_min: 5, external_id: 's-1' }),
    of('/v1/users', { role: 'client', name: 'Ю', phone: '+7', tg_id: 2 ** 52 - 1 }),
    of('/v1/notification-settings', setting, { method: 'PATCH', body: { enabled: false } }),
    of('/v1/ad-templates', ad, { method: 'PATCH', body: { active: false } }),
    {
      ...of('/v1/webhook-endpoints', { url: 'https://crm.example/' }, { method: 'PATCH', body: { enabled: false } }),
      showsSecret: true,
    },
    {
      ...of('/v1/bookings', bookingBody(salon), { method: 'PATCH', body: { duration_min: 15 } }),
      deletable: false,
    },
    { path: '/v1/broadcasts', deletable: false, create: { company_id, audience: {}, content: { tg_html: 'x' } } },
    { path: `/v1/users/${salon.specialist_id}/schedule`, change: hours, deletable: true },
    { path: `/v1/locations/${salon.location_id}/schedule`, change: hours, deletable: true },
    {
      path: `/v1/companies/${company_id}/notification-settings`,
      change: { method: 'PUT', body: { settings: [{ ...setting, enabled: true }] } },
      deletable: false,
    },
  ];
}

const ifMatch = (tag: string) => ({ 'if-match': tag });
const tagOf = ({ headers }: { headers: Headers }): string => headers.get('etag') ?? assert.fail('there is no ETag');

describeOnEachDatabase('an item of every kind', (databases) => {
  test('has one tag for one representation, whichever method answers it', async (t) => {
    const api = await startTestApi(t, { database: await databases.open(t) });
    for (const { path: collection, create, change, showsSecret } of await samples(api)) {
      const made = create && (await api.call('POST', collection, create));
      const path = made ? `${collection}/${made.body.id}` : collection;
      const read = await api.call('GET', path);
      if (made) assert.equal(made.headers.get('etag'), showsSecret ? null : tagOf(read), path);
      assert.equal(tagOf(await api.call('GET', path)), tagOf(read), path);
      assert.equal(tagOf(await api.call('HEAD', path)), tagOf(read), path);
      if (!change) continue;
      const changed = await api.call(change.method, path, change.body);
      assert.notEqual(tagOf(changed), tagOf(read), path);
      assert.equal(tagOf(await api.call('GET', path)), tagOf(changed), path);
    }
  });

  test('is not sent again to who has it', async (t) => {
    const api = await startTestApi(t, { database: await databases.open(t) });
    for (const { path: collection, create, change } of await samples(api)) {
      const made = create && (await api.call('POST', collection, create));
      const path = made ? `${collection}/${made.body.id}` : collection;
      const tag = tagOf(await api.call('GET', path));
      const read = (names: string) => api.call('GET', path, undefined, { 'if-none-match': names });
      for (const names of [tag, `W/${tag}`, '*', `"other", ${tag}`]) {
        const reply = await read(names);
        assert.deepEqual([reply.status, reply.body, tagOf(reply)], [304, undefined, tag], `${path} ${names}`);
        // RFC 9110, section 8.6: it would be the length that 200 has.
        assert.equal(reply.headers.get('content-length'), null, path);
      }
      assert.equal((await read('"other"')).status, 200);
      assertProblem(await read('no-quotes'), 400, 'If-None-Match');
      if (change) await api.ok(change.method, path, change.body);
      if (change) assert.equal((await read(tag)).status, 200, path);
    }
  });

  test('is changed and deleted only as If-Match knows it', async (t) => {
    const api = await startTestApi(t, { database: await databases.open(t) });
    for (const { path: collection, create, change, deletable } of await samples(api)) {
      if (!change) continue;
      const made = create && (await api.call('POST', collection, create));
      const path = made ? `${collection}/${made.body.id}` : collection;
      const before = await api.call('GET', path);
      const edit = (tag: string) => api.call(change.method, path, change.body, ifMatch(tag));
      const remove = (tag: string) => api.call('DELETE', path, undefined, ifMatch(tag));
      for (const attempt of deletable ? [edit, remove] : [edit]) {
        for (const stale of ['"stale"', `W/${tagOf(before)}`, `"a", W/${tagOf(before)}, "b"`]) {
          const refused = await attempt(stale);
          assertProblem(refused, 412);
          assert.deepEqual([refused.body.code, tagOf(refused)], ['precondition_failed', tagOf(before)], path);
        }
        for (const bad of ['', 'x', '"a" "b"', '"a", *', '"a', ',']) assertProblem(await attempt(bad), 400, 'If-Match');
      }
      assert.deepEqual((await api.call('GET', path)).body, before.body, path);
      const changed = await edit(`"other" ,, ${tagOf(before)}`);
      assert.equal(changed.status, 200, path);
      assertProblem(await edit(tagOf(before)), 412);
      assert.equal((await edit('*')).status, 200);
      if (deletable) assert.equal((await remove(tagOf(await api.call('GET', path)))).status, 204, path);
    }
  });
});

describe('If-Match', () => {
  test('may stand in several lines, which are one list', async (t) => {
    const api = await startTestApi(t);
    const { service_id } = await makeSalon(api);
    const path = `/v1/services/${service_id}`;
    const tag = tagOf(await api.call('GET', path));
    const patch = async (lines: string[]): Promise<number | undefined> => {
      const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };
      const sent = request({ host: '127.0.0.1', port: api.port, path, method: 'PATCH', headers });
      sent.setHeader('if-match', lines).end('{}');
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      response.resume();
      await once(response, 'end');
      return response.statusCode;
    };
    assert.equal(await patch(['"other"', tag]), 200);
    assert.equal(await patch([tag, '"other"']), 200);
    assert.equal(await patch(['"other"', '"another"']), 412);
    assert.equal(await patch(['"other"', 'x']), 400);
  });
});

describeOnEachDatabase('of changes over two processes with one tag', (databases) => {
  test('exactly one wins, each time', async (t) => {
    const [one, two] = await databases.openTwice(t);
    const apis = [await startTestApi(t, { database: one }), await startTestApi(t, { database: two })] as const;
    const salon = await makeSalon(apis[0]);
    const booking = await apis[0].ok('POST', '/v1/bookings', bookingBody(salon));
    const paths: [string, (n: number) => object][] = [
      [`/v1/bookings/${booking.id}`, (n) => ({ duration_min: 10 + n })],
      [`/v1/services/${salon.service_id}`, (n) => ({ duration_min: 10 + n })],
    ];
    for (const [path, bodyOf] of paths)
      for (let round = 0; round < 5; round += 1) {
        const tag = tagOf(await apis[0].call('GET', path));
        const replies = await Promise.all(
          [...apis, ...apis].map((api, n) => api.call('PATCH', path, bodyOf(round * 4 + n), ifMatch(tag))),
        );
        const statuses = replies.map((reply) => reply.status);
        assert.deepEqual(statuses.toSorted(), [200, 412, 412, 412], `${path} ${statuses}`);
        const winner = replies.find((reply) => reply.status === 200);
        assert.deepEqual((await apis[1].call('GET', path)).body, winner?.body);
      }
  });
});

describe('a list of tags', () => {
  test('is read as RFC 9110 has it', () => {
    const read = (header: string) => parseTags('If-Match', header);
    assert.equal(parseTags('If-Match', undefined), undefined);
    assert.equal(read(' * '), '*');
    assert.deepEqual(read('"a"'), ['"a"']);
    assert.deepEqual(read('"a,b" , W/"c",\t,"",'), ['"a,b"', 'W/"c"', '""']);
    for (const bad of ['', ' ', ',', 'a', '"', '"a"b', 'w/"a"', '"a", *', '"a\u007f"', 'W/ "a"'])
      assert.throws(() => read(bad), { code: 'malformed_request' }, bad);
  });

  test('is read in one pass, however long it is', () => {
    const startedMs = performance.now();
    assert.throws(() => parseTags('If-Match', `${', \t'.repeat(100_000)}x`), { code: 'malformed_request' });
    assert.equal(parseTags('If-Match', '"a", '.repeat(50_000))?.length, 50_000);
    assert.ok(performance.now() - startedMs < 2_000);
  });
});
