import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BrowserContext } from 'playwright-core';
import { PushSubscription } from '#src/db/entities.ts';
import { findRows } from '#src/db/rows.ts';
import { startPush } from '../support/push.ts';
import { openSalon } from '../support/salon.ts';
import { startVestnik } from '../support/vestnik.ts';
import { unlessInstalled } from './browsers.ts';
import { launchChromium, openPage, textIn } from './chromium.ts';

const skip = unlessInstalled('chromium');

/** Chromium has no push service here: only its push manager is replaced, by one that gives this subscription. */
async function replacePushManager(context: BrowserContext, subscription: object): Promise<void> {
  await context.addInitScript(`(() => {
    const subscription = { ...${JSON.stringify(subscription)}, options: {}, toJSON: () => (${JSON.stringify(subscription)}) };
    const isOn = () => localStorage.getItem('subscribed') === 'yes';
    subscription.unsubscribe = async () => { localStorage.removeItem('subscribed'); return true; };
    PushManager.prototype.getSubscription = async () => (isOn() ? subscription : null);
    PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
      const key = atob(applicationServerKey.replaceAll('-', '+').replaceAll('_', '/'));
      subscription.options.applicationServerKey = Uint8Array.from(key, (character) => character.charCodeAt(0)).buffer;
      localStorage.setItem('subscribed', 'yes');
      return subscription;
    };
  })()`);
}

test('Chromium with the permission granted: offered, subscribed by a click, still so at the next visit, and off again', {
  skip,
}, async (t) => {
  const push = await startPush(t);
  const { PUBLIC_URL: _elsewhere, ...env } = push.env;
  const vestnik = await startVestnik(t, { env });
  const salon = await openSalon(vestnik);
  const { id: user_id } = salon.people.client;
  const { subscribe_url } = await vestnik.create(`/v1/users/${user_id}/link`, {});
  const { page, context, errors } = await openPage(await launchChromium(t));
  await context.grantPermissions(['notifications'], { origin: vestnik.url });
  const { endpoint, keys } = push.createVirtualBrowser().subscribe(env.VAPID_PUBLIC_KEY ?? '');
  await replacePushManager(context, { endpoint, expirationTime: null, keys });
  const owners = async () =>
    (await findRows(vestnik.database.read(), PushSubscription, {})).map((row) => [row.user_id, row.endpoint]);

  await page.goto(subscribe_url);
  await textIn(page, 'offer');
  assert.equal(await page.evaluate('Notification.permission'), 'granted');
  assert.deepEqual(await owners(), []);
  await page.click('#action');
  assert.match(await textIn(page, 'subscribed'), /Уведомления включены.+Отключить на этом устройстве/s);
  assert.deepEqual(await owners(), [[user_id, endpoint]]);

  await page.goto('about:blank');
  await page.goto(subscribe_url);
  await textIn(page, 'subscribed');
  await page.click('#action');
  assert.match(await textIn(page, 'unsubscribed'), /больше ничего не придёт.+Включить снова/s);
  assert.deepEqual(await owners(), []);
  await page.reload();
  await textIn(page, 'offer');
  assert.deepEqual(errors, []);
});
