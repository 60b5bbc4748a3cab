import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { createApplicationServer } from './application-server.fixture.ts';
import { createPushPhone, type PushPhoneView } from './push-phone.ts';
import { createPushService } from './push-service.ts';
import type { SubscriptionJson } from './virtual-browser.ts';

const OWNER = { id: 5, name: 'Мария', caption: 'client', language_code: 'ru' };

/** A phone, and a product of which only the page is there: it remembers who registered, and can send to them. */
async function openPhone(t: TestContext) {
  const service = createPushService();
  t.after(() => service.stop());
  const push = await service.start();
  const product = createApplicationServer(push);
  t.after(() => product.close());
  const registered: SubscriptionJson[] = [];
  const page = {
    publicKey: async () => product.publicKey,
    register: async (subscription: SubscriptionJson) => void registered.push(subscription),
  };
  const sendTo = async (subscription: SubscriptionJson | undefined, title: string) => {
    if (!subscription) throw new Error('nobody has registered');
    const payload = JSON.stringify({ web_push: 8030, notification: { title } });
    return (await product.send(subscription, payload)).status;
  };
  return { push, phone: createPushPhone(push, OWNER), page, registered, sendTo };
}

const titles = ({ notifications }: PushPhoneView) => notifications.map(({ title }) => title);

describe('a phone with a browser', () => {
  test('subscribes on the page, shows what comes, and says what the service answered', async (t) => {
    const { phone, page, registered, sendTo } = await openPhone(t);
    assert.deepEqual(phone.view(), {
      ...OWNER,
      ...{ subscribed: false, next_status: null, last_status: null, notifications: [] },
    });
    await phone.open(page);
    const views: PushPhoneView[] = [];
    const stop = phone.onChange((view) => void views.push(view));
    assert.equal(await sendTo(registered[0], 'hello'), 201);
    stop();
    assert.deepEqual(views.at(-1), phone.view());
    assert.deepEqual([titles(phone.view()), phone.view().last_status], [['hello'], 201]);
    assert.deepEqual(Object.keys(registered[0] ?? {}), ['endpoint', 'expirationTime', 'keys']);
    await sendTo(registered[0], 'unseen');
    assert.deepEqual(titles(views.at(-1) as PushPhoneView), ['hello']);
  });

  test('once unsubscribed answers 410, and subscribed again has another address', async (t) => {
    const { phone, page, registered, sendTo } = await openPhone(t);
    await phone.open(page);
    phone.unsubscribe();
    phone.unsubscribe();
    assert.equal(await sendTo(registered[0], 'late'), 410);
    assert.deepEqual([phone.view().subscribed, phone.view().last_status, registered.length], [false, 410, 1]);
    await phone.subscribe();
    assert.equal(await sendTo(registered[1], 'again'), 201);
    assert.equal(await sendTo(registered[0], 'late'), 410);
    assert.deepEqual([titles(phone.view()), phone.view().last_status], [['again'], 201]);
  });

  test('has its service answer otherwise once, or not at all when that is taken back', async (t) => {
    const { phone, page, registered, sendTo } = await openPhone(t);
    await phone.open(page);
    phone.answerNext(500);
    phone.answerNext(429);
    assert.equal(phone.view().next_status, 429);
    assert.equal(await sendTo(registered[0], 'one'), 429);
    assert.deepEqual([phone.view().next_status, phone.view().last_status], [null, 429]);
    assert.equal(await sendTo(registered[0], 'one'), 201);
    phone.answerNext(503);
    phone.answerNext(null);
    assert.equal(await sendTo(registered[0], 'two'), 201);
    assert.deepEqual(titles(phone.view()), ['two', 'one']);
  });

  test('stays as it was when the page refuses it', async (t) => {
    const { phone, page, registered, sendTo } = await openPhone(t);
    await assert.rejects(phone.subscribe(), { code: 'no_page' });
    assert.throws(() => phone.answerNext(429), { code: 'not_subscribed' });
    await phone.open(page);
    let refused: SubscriptionJson | undefined;
    const register = async (subscription: SubscriptionJson) => {
      refused = subscription;
      throw new Error('no room');
    };
    await assert.rejects(phone.open({ ...page, register }), /no room/);
    assert.equal(await sendTo(refused, 'x'), 410);
    assert.equal(await sendTo(registered[0], 'y'), 201);
    assert.deepEqual([phone.view().subscribed, titles(phone.view())], [true, ['y']]);
  });
});
