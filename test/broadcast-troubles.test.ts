import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseTelegramHtml } from '#src/messages/telegram-html.ts';
import {
  act,
  assertOnce,
  broadcast,
  broadcastNow,
  type Crowd,
  heardInAll,
  openCrowd,
  startAt,
  untilStatus,
} from './support/broadcasts.ts';
import { eventually, untilQuiet } from './support/eventually.ts';
import { openSalon, shown } from './support/salon.ts';

const chatAt = ({ people }: Crowd, index: number): number => people[index]?.chat ?? 0;

describe('what Telegram refuses', { concurrency: 2 }, () => {
  test('two chats refused together hold the broadcast, while a booking goes out at once', async (t) => {
    const vestnik = await startAt(t, 50);
    const salon = await openSalon(vestnik);
    const crowd = await openCrowd(vestnik, 150);
    for (const index of [20, 21])
      vestnik.telegram.fault(chatAt(crowd, index), { kind: 'too_many_requests', retryAfter: 6 }, { times: 1 });
    const { id } = await broadcast(vestnik, crowd);
    const refused = () => vestnik.telegram.requests().filter(({ outcome }) => outcome?.status === 429).length;
    await vestnik.telegram.until(() => refused() === 2);
    const atHold = await untilQuiet(() => heardInAll(vestnik, crowd));
    const bookedAt = performance.now();
    await salon.book(null);
    await eventually(() => assert.equal(shown(vestnik, salon, 'client').length, 1), 4_000);
    t.diagnostic(`the booking took ${Math.round(performance.now() - bookedAt)} ms`);
    assert.equal(heardInAll(vestnik, crowd), atHold);
    assert.equal(atHold < 148, true, `${atHold} had heard`);
    await untilStatus(vestnik, id, 'completed');
    assertOnce(vestnik, crowd);
  });

  test('one chat that must wait long is told last, and nobody waits with it', async (t) => {
    const vestnik = await startAt(t, 100);
    const crowd = await openCrowd(vestnik, 40);
    vestnik.telegram.fault(chatAt(crowd, 3), { kind: 'too_many_requests', retryAfter: 6 }, { times: 1 });
    const { id } = await broadcast(vestnik, crowd);
    const begun = performance.now();
    await eventually(() => assert.equal(heardInAll(vestnik, crowd), 39));
    const othersTook = performance.now() - begun;
    await eventually(async () => {
      const { progress, status } = await broadcastNow(vestnik, id);
      assert.deepEqual([status, progress.remaining], ['running', 1]);
    });
    await untilStatus(vestnik, id, 'completed');
    assertOnce(vestnik, crowd);
    assert.equal(othersTook < 5_000, true, `${Math.round(othersTook)} ms`);
    assert.equal(performance.now() - begun > 6_000, true);
  });

  test('a text that is refused goes once as plain text, and the longest one fits with all that surrounds it', async (t) => {
    const vestnik = await startAt(t, 100);
    const crowd = await openCrowd(vestnik, 3);
    const [chat, company_id] = [chatAt(crowd, 0), crowd.companyId];
    await openCrowd(vestnik, 1, () => ({ tg_id: chat }));
    vestnik.telegram.fault(chat, { kind: 'cant_parse_entities' }, { times: 1, methods: ['sendMessage'] });
    const { id } = await broadcast(vestnik, crowd, { content: { tg_html: '<b>A &lt; B</b> &amp; C' } });
    await untilStatus(vestnik, id, 'completed');
    assertOnce(vestnik, crowd);
    const plain = vestnik.telegram.messages(chat)[0];
    assert.match(plain?.text ?? '', /\nA < B & C$/);
    assert.deepEqual(plain?.entities ?? [], []);

    const marking = { name: '<Ж>&'.repeat(30), ad_advertiser: '&<i>'.repeat(32), ad_marking_token: 'x'.repeat(64) };
    assert.equal((await vestnik.call('PATCH', `/v1/companies/${company_id}`, marking)).status, 200);
    const ad = { company_id, name: 'ad', content_tg: `<i>${'&lt;'.repeat(700)}</i>` };
    const { id: ad_template_id } = await vestnik.create('/v1/ad-templates', ad);
    const content = (characters: number) => ({ tg_html: `<b>${'&amp;'.repeat(characters)}</b>` });
    const body = { company_id, audience: {}, content: content(3001), ad_template_id };
    const refused = await vestnik.call('POST', '/v1/broadcasts', body);
    assert.deepEqual([refused.status, refused.body.code], [422, 'validation_failed']);
    const longest = await broadcast(vestnik, crowd, { content: content(3000), ad_template_id });
    const { progress } = await untilStatus(vestnik, longest.id, 'completed');
    assert.equal(progress.sent, 3);
    const text = vestnik.telegram.messages(chat)[1]?.text ?? '';
    assert.equal(text.includes('<'.repeat(700)) && text.endsWith('x'.repeat(64)), true, text);
    for (const { method, parameters } of vestnik.telegram.requests())
      if (method === 'sendmessage' && parameters.parse_mode)
        assert.equal(parseTelegramHtml(String(parameters.text)).ok, true);
  });

  test('a dead letter can be replayed when the broadcast is over, and its counts follow', async (t) => {
    const vestnik = await startAt(t, 100);
    const crowd = await openCrowd(vestnik, 10);
    const heal = [2, 5].map((index) => vestnik.telegram.fault(chatAt(crowd, index), { kind: 'server_error' }));
    const { id } = await broadcast(vestnik, crowd);
    const { progress } = await untilStatus(vestnik, id, 'completed');
    assert.deepEqual([progress.sent, progress.failed, progress.remaining], [8, 2, 0]);
    for (const end of heal) end();
    const { items } = (await vestnik.call('GET', '/v1/dead-letters?stream=broadcast')).body;
    assert.equal(items.length, 2);
    const replay = (ids: string[]) => vestnik.call('POST', '/v1/dead-letters/replay', { ids });
    await replay([items[0].id]);
    const sentNow = async (sent: number) =>
      await eventually(async () => {
        const now = await broadcastNow(vestnik, id);
        assert.deepEqual([now.status, now.progress.sent, now.progress.failed], ['completed', sent, 10 - sent]);
      });
    await sentNow(9);
    // The other one is asked for in both ways at once.
    await Promise.all([replay([items[1].id]), act(vestnik, id, 'retry-failed')]);
    await sentNow(10);
    await vestnik.settled();
    assertOnce(vestnik, crowd);
  });
});
