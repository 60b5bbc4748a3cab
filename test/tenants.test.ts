import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Reply } from './support/api.ts';
import { FOREIGN_VISITS, KEYLESS, type Visit } from './support/foreign-visits.ts';
import { makeKey, type TestKey } from './support/keys.ts';
import { type Belongings, CANARY, MISSING, openTwoCompanies } from './support/two-companies.ts';

const nameOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;

function visit(key: TestKey, route: string, { path = {}, query, body, headers }: Visit): Promise<Reply> {
  const [method = '', pattern = ''] = route.split(' ');
  const filled = pattern.replace(/\{(\w+)\}/g, (_, name: string) => String(path[name]));
  return key.call(method, query === undefined ? filled : `${filled}?${query}`, body, headers);
}

/** An answer without the ids that it repeats from the request. */
function anonymous({ status, body }: Reply, { letter_id, event_id, client_id, message_id }: Belongings): unknown {
  const text = JSON.stringify(body ?? null)
    .replaceAll(letter_id, 'LETTER')
    .replaceAll(event_id, 'EVENT')
    .replaceAll(message_id, 'MESSAGE')
    .replaceAll(`"user_id":${client_id}`, '"user_id":0')
    .replaceAll(` user ${client_id} `, ' user 0 ');
  return { status, body: JSON.parse(text) };
}

describe('a key of one company, on a walk through all routes', () => {
  test('meets no route that this test does not know', async (t) => {
    const { api } = await openTwoCompanies(t);
    const routes = api.routes().filter(({ isPage }) => !isPage);
    const keyless = routes.filter(({ auth }) => auth === 'open' || typeof auth === 'function');
    assert.deepEqual(keyless.map(nameOf).sort(), [...KEYLESS].sort());
    const others = routes.filter((route) => !keyless.includes(route));
    assert.deepEqual(others.map(nameOf).sort(), Object.keys(FOREIGN_VISITS).sort());
  });

  test('finds nothing of another company, changes nothing, and cannot tell it from what is not there', async (t) => {
    const { api, ours, theirs, everything } = await openTwoCompanies(t);
    const key = await makeKey(api, ours.company_id);
    const before = await everything();
    for (const [route, visits] of Object.entries(FOREIGN_VISITS)) {
      const asMissing = visits(MISSING, ours);
      for (const [n, foreign] of visits(theirs, ours).entries()) {
        const said = `${route} ${JSON.stringify(foreign)}`;
        const reply = await visit(key, route, foreign);
        const text = JSON.stringify(reply.body ?? null);
        assert.equal(reply.status, foreign.status, `${said}: ${text}`);
        assert.equal(reply.status < 300, foreign.answer !== undefined, said);
        if (typeof foreign.answer === 'object') assert.deepEqual(reply.body, foreign.answer, said);
        assert.equal(text.includes(CANARY), false, `${said}: ${text}`);
        const missing = await visit(key, route, asMissing[n] as Visit);
        assert.deepEqual(anonymous(reply, theirs), anonymous(missing, MISSING), said);
      }
    }
    assert.deepEqual(await everything(), before);
  });

  test('sees in every list what is its own, and that alone, with any cursor', async (t) => {
    const { api, ours } = await openTwoCompanies(t);
    const key = await makeKey(api, ours.company_id);
    const lists = Object.keys(FOREIGN_VISITS).filter((route) => /^GET [\w/-]+$/.test(route));
    for (const route of lists.filter((route) => !/slots|live|explain/.test(route))) {
      const path = route.replace('GET ', '');
      const page = await key.call('GET', path);
      assert.equal(page.status, 200, route);
      assert.equal(page.body.items.length > 0, true, route);
      for (const item of page.body.items) {
        const company = item.company_id ?? item.event?.company_id ?? item.id;
        assert.equal(company, ours.company_id, `${route} ${JSON.stringify(item)}`);
      }
      const first = await key.call('GET', `${path}?limit=1`);
      const cursor = first.body.next_cursor ?? Buffer.from('after:1').toString('base64url');
      const next = await key.call('GET', `${path}?cursor=${cursor}`);
      assert.equal(JSON.stringify(next.body).includes(CANARY), false, route);
    }
  });

  test('replays all dead letters of its own, and leaves the others', async (t) => {
    const { api, ours, theirs } = await openTwoCompanies(t);
    const key = await makeKey(api, ours.company_id);
    const replay = async (body: object) => (await key.call('POST', '/v1/dead-letters/replay', body)).body;
    assert.deepEqual(await replay({ all: true }), { replayed: 1, missing: [] });
    assert.equal((await api.call('GET', `/v1/dead-letters/${ours.letter_id}`)).status, 404);
    assert.equal((await api.call('GET', `/v1/dead-letters/${theirs.letter_id}`)).status, 200);
    assert.deepEqual(await replay({ all: true }), { replayed: 0, missing: [] });
  });

  test('replays of the dead letters that it names only its own', async (t) => {
    const { api, ours, theirs } = await openTwoCompanies(t);
    const key = await makeKey(api, ours.company_id);
    const both = await key.call('POST', '/v1/dead-letters/replay', { ids: [theirs.letter_id, ours.letter_id] });
    assert.deepEqual(both.body, { replayed: 1, missing: [theirs.letter_id] });
    assert.equal((await api.call('GET', `/v1/dead-letters/${theirs.letter_id}`)).status, 200);
  });

  test('discards a dead letter of its own, and finds none of another company to discard', async (t) => {
    const { api, ours, theirs } = await openTwoCompanies(t);
    const key = await makeKey(api, ours.company_id);
    assert.equal((await key.call('DELETE', `/v1/dead-letters/${theirs.letter_id}`)).status, 404);
    assert.equal((await api.call('GET', `/v1/dead-letters/${theirs.letter_id}`)).status, 200);
    assert.equal((await key.call('DELETE', `/v1/dead-letters/${ours.letter_id}`)).status, 204);
    assert.equal((await api.call('GET', `/v1/dead-letters/${ours.letter_id}`)).status, 404);
  });

  test('reaches nobody of another company by naming them in an audience', async (t) => {
    const { api, ours, theirs } = await openTwoCompanies(t);
    const key = await makeKey(api, ours.company_id);
    const people = [theirs.client_id, theirs.specialist_id, ours.client_id];
    const asked = { company_id: ours.company_id, audience: { user_ids: people }, content: { tg_html: 'x' } };
    const { body } = await key.call('POST', '/v1/broadcasts/preview', asked);
    assert.deepEqual([body.audience_size, body.sample.user_id], [1, ours.client_id]);
    const onlyTheirs = { ...asked, audience: { user_ids: [theirs.client_id] } };
    const preview = await key.call('POST', '/v1/broadcasts/preview', onlyTheirs);
    assert.deepEqual([preview.body.audience_size, preview.body.sample], [0, null]);
  });

  test('is no token of a link', async (t) => {
    const { api, ours } = await openTwoCompanies(t);
    const key = await makeKey(api, ours.company_id);
    for (const { method, path, auth } of api.routes())
      if (typeof auth === 'function') assert.equal((await key.call(method, path)).status, 401, path);
  });
});
