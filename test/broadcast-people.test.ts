import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ask, lastIn, pressLast } from './support/bot-talk.ts';
import {
  act,
  broadcast,
  broadcastNow,
  heardInAll,
  openCrowd,
  PUSHED,
  startWithPush,
  subscribe,
  untilStatus,
} from './support/broadcasts.ts';
import { untilQuiet } from './support/chat-cards.ts';
import { eventually } from './support/eventually.ts';
import { received } from './support/push.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

const WITHOUT_TELEGRAM = { tg_id: null };

const textsTo = ({ telegram }: Vestnik, chat: number): string[] =>
  telegram
    .messages(chat)
    .filter(({ outgoing, text }) => outgoing && text.includes('Скидки'))
    .map(({ text }) => text);

describe('a broadcast over Web Push', { concurrency: 2 }, () => {
  test('who blocks the bot meanwhile hears in the browser at once, and after /start in Telegram again', async (t) => {
    const parts = await startWithPush(t, 100);
    const { vestnik } = parts;
    const crowd = await openCrowd(vestnik, 5);
    const chat = crowd.people[2]?.chat ?? 0;
    const [browser] = await subscribe(parts, crowd, [2]);
    assert.ok(browser);
    // Refused at the send itself: nobody knew before.
    vestnik.telegram.fault(chat, { kind: 'blocked' }, { times: 1, methods: ['sendMessage'] });
    const first = await broadcast(vestnik, crowd, { content: PUSHED });
    const { progress } = await untilStatus(vestnik, first.id, 'completed');
    assert.deepEqual(progress.sent_by, { telegram: 4, web_push: 1 });
    const expected = { title: 'Скидки', body: 'Весь январь', navigate: 'https://salon.example/sale' };
    assert.deepEqual(
      received(browser).map(({ title, body, navigate }) => ({ title, body, navigate })),
      [expected],
    );
    const rows = await vestnik.database
      .read()
      .execute('SELECT channel, attempts FROM deliveries WHERE user_id = ?', [crowd.people[2]?.id ?? 0]);
    assert.deepEqual(rows, [{ channel: 'web_push', attempts: 1 }]);

    vestnik.telegram.block(chat);
    await untilQuiet(vestnik);
    const second = await broadcast(vestnik, crowd, { content: PUSHED });
    await untilStatus(vestnik, second.id, 'completed');
    assert.equal(received(browser).length, 2);
    assert.deepEqual(textsTo(vestnik, chat), []);

    vestnik.telegram.unblock(chat);
    await ask(vestnik, chat, '/start');
    await untilQuiet(vestnik);
    const third = await broadcast(vestnik, crowd, { content: PUSHED });
    const last = await untilStatus(vestnik, third.id, 'completed');
    assert.deepEqual(last.progress.sent_by, { telegram: 5, web_push: 0 });
    assert.equal(textsTo(vestnik, chat).length, 1);
    assert.equal(received(browser).length, 2);
  });

  test('who hears by Web Push does not wait for the turns of Telegram', async (t) => {
    const parts = await startWithPush(t, 2);
    const { vestnik } = parts;
    const crowd = await openCrowd(vestnik, 45, (index) => (index % 3 > 0 ? WITHOUT_TELEGRAM : {}));
    const browsers = await subscribe(
      parts,
      crowd,
      crowd.people.flatMap((_, index) => (index % 3 > 0 ? [index] : [])),
    );
    const { id } = await broadcast(vestnik, crowd, { content: PUSHED });
    await eventually(() => assert.equal(browsers.filter((browser) => received(browser).length === 1).length, 30));
    assert.equal(heardInAll(vestnik, crowd) < 12, true);
    assert.equal((await act(vestnik, id, 'cancel')).body.status, 'cancelled');
    await eventually(async () => assert.deepEqual((await broadcastNow(vestnik, id)).progress.sent_by.web_push, 30));
  });
});

test('people of two companies see whose it is; /stop_ads stops it on its way, and the button below the next one', async (t) => {
  const vestnik = await startVestnik(t, { env: { BROADCAST_RATE_PER_SECOND: '20' } });
  const crowd = await openCrowd(vestnik, 50);
  const [first, last] = [crowd.people[0], crowd.people.at(-1)];
  assert.ok(first && last);
  await openCrowd(vestnik, 1, () => ({ tg_id: first.chat }));
  const { id } = await broadcast(vestnik, crowd);
  await eventually(() => assert.equal(textsTo(vestnik, first.chat).length, 1));
  await act(vestnik, id, 'pause');
  assert.match(await ask(vestnik, last.chat, '/stop_ads'), /^🔕 Хорошо, рекламы больше не будет\./);
  await act(vestnik, id, 'resume');
  const { progress } = await untilStatus(vestnik, id, 'completed');
  assert.deepEqual([progress.sent, progress.suppressed_by], [49, { opted_out: 1 }]);
  assert.deepEqual(textsTo(vestnik, last.chat), []);
  assert.deepEqual(textsTo(vestnik, first.chat), ['🏢 Весна\n\nСкидки весь январь!']);
  assert.deepEqual(textsTo(vestnik, crowd.people[1]?.chat ?? 0), ['Скидки весь январь!']);

  const pressed = crowd.people[1]?.id ?? 0;
  const chat = crowd.people[1]?.chat ?? 0;
  assert.notEqual(await pressLast(vestnik, chat, `bks:stop:${pressed}`), '');
  assert.match(JSON.stringify(lastIn(vestnik, chat)?.reply_markup), new RegExp(`bks:again:${pressed}`));
  const next = await broadcast(vestnik, crowd, { audience: { user_ids: [first.id, pressed] } });
  const { progress: then } = await untilStatus(vestnik, next.id, 'completed');
  assert.deepEqual([then.sent, then.suppressed_by], [1, { opted_out: 1 }]);
  await pressLast(vestnik, chat, `bks:again:${pressed}`);
  const third = await broadcast(vestnik, crowd, { audience: { user_ids: [pressed] } });
  assert.equal((await untilStatus(vestnik, third.id, 'completed')).progress.sent, 1);
});
