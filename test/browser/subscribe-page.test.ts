import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import { openSalon } from '../support/salon.ts';
import { startVestnik } from '../support/vestnik.ts';
import { unlessInstalled } from './browsers.ts';
import {
  DESKTOP,
  launchChromium,
  openPage,
  PHONE,
  pushMessenger,
  registerWorker,
  shownNotifications,
  textIn,
} from './chromium.ts';

const skip = unlessInstalled('chromium');
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
const NO_PUSH = 'delete window.PushManager';

/** Lasts as long as the page is open. */
async function denyNotifications(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { browserContextId = '' } = (await session.send('Target.getTargetInfo')).targetInfo;
  const permission = { name: 'notifications' };
  await session.send('Browser.setPermission', { permission, setting: 'denied', browserContextId });
}

describe('the subscribe page in Chromium', { skip }, () => {
  test('tells each state in the language of its user', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const urlFor = async (person: 'client' | 'other_admin'): Promise<string> =>
      (await vestnik.create(`/v1/users/${salon.people[person].id}/link`, {})).subscribe_url;
    const browser = await launchChromium(t);
    const url = await urlFor('client');

    const plain = await openPage(browser);
    await plain.page.goto(url.replace('#', '?token='));
    assert.match(await textIn(plain.page, 'offer'), /Иван Петров, это Весна.+Включить уведомления/s);
    assert.equal(plain.page.url(), url);
    await plain.page.goto('about:blank');
    await plain.page.goto(await urlFor('other_admin'));
    assert.match(await textIn(plain.page, 'offer'), /Hello Максим, this is Весна.+Turn on notifications/s);
    assert.deepEqual(plain.errors, []);

    const denied = await openPage(browser);
    await denyNotifications(denied.page);
    await denied.page.goto(url);
    assert.match(await textIn(denied.page, 'denied'), /Вот как его снять/);

    const phone = await openPage(browser, { userAgent: IPHONE });
    await phone.page.addInitScript(NO_PUSH);
    await phone.page.goto(url);
    assert.match(await textIn(phone.page, 'ios'), /экран «Домой»/);
    const manifest = await phone.page.locator('#manifest').getAttribute('href');
    assert.equal(manifest, `manifest.webmanifest?token=${url.split('#')[1]}`);

    const old = await openPage(browser, { locale: 'de-DE' });
    await old.page.addInitScript(NO_PUSH);
    await old.page.goto(url);
    assert.match(await textIn(old.page, 'unsupported'), /Этот браузер не умеет/);
    await old.page.goto(url.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')));
    assert.match(await textIn(old.page, 'expired'), /больше не действует/);
    await old.page.route('**/v1/**', (route) => route.abort());
    await old.page.goto('about:blank');
    await old.page.goto(url);
    assert.match(await textIn(old.page, 'offline'), /cannot be reached/);
    await old.page.unroute('**/v1/**');
    await old.page.click('#action');
    await textIn(old.page, 'unsupported');
    for (const { errors } of [denied, phone, old]) assert.deepEqual(errors, []);
  });

  test('asks for permission on a click only, and takes a refusal', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const { subscribe_url } = await vestnik.create(`/v1/users/${salon.people.client.id}/link`, {});
    const { page } = await openPage(await launchChromium(t));
    await page.addInitScript(`
      window.asked = 0;
      window.answers = ['default', 'denied'];
      Notification.requestPermission = async () => { window.asked += 1; return window.answers.shift(); };`);
    await page.goto(subscribe_url);
    await textIn(page, 'offer');
    assert.equal(await page.evaluate('window.asked'), 0);
    await page.click('#action');
    assert.match(await textIn(page, 'dismissed'), /Нажмите ещё раз/);
    await page.click('#action');
    await textIn(page, 'denied');
    assert.equal(await page.evaluate('window.asked'), 2);
  });

  test('fits a phone and a desk, in light and in dark', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const { subscribe_url } = await vestnik.create(`/v1/users/${salon.people.client.id}/link`, {});
    const browser = await launchChromium(t);
    for (const viewport of [{ width: 320, height: 600 }, PHONE, DESKTOP])
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page, context } = await openPage(browser, { viewport, colorScheme });
        await page.goto(subscribe_url);
        await textIn(page, 'offer');
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), viewport.width);
        const dark = await page.evaluate('getComputedStyle(document.body).backgroundColor');
        assert.equal(dark, colorScheme === 'dark' ? 'rgb(11, 17, 24)' : 'rgb(238, 242, 245)');
        await context.close();
      }
  });
});

describe('the worker in Chromium', { skip }, () => {
  test('shows every message, the newer of a tag in place of the older', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const { subscribe_url } = await vestnik.create(`/v1/users/${salon.people.client.id}/link`, {});
    const { page, context, errors } = await openPage(await launchChromium(t));
    await context.grantPermissions(['notifications'], { origin: vestnik.url });
    await page.goto(subscribe_url);
    await textIn(page, 'offer');
    await registerWorker(page);
    const deliver = await pushMessenger(page, context);
    const message = (notification: object) => JSON.stringify({ web_push: 8030, notification });
    const navigate = `${vestnik.url}/booking#x`;
    const first = { title: 'Вы записаны!', body: '28.01', navigate, tag: 'b1', lang: 'ru' };
    await deliver(message(first));
    await eventually(async () =>
      assert.deepEqual(await shownNotifications(page), [
        { title: first.title, body: first.body, tag: 'b1', lang: 'ru', data: { navigate } },
      ]),
    );
    await deliver(message({ ...first, title: 'Запись перенесена', silent: true }));
    await eventually(async () =>
      assert.deepEqual(
        (await shownNotifications(page)).map(({ title }) => title),
        ['Запись перенесена'],
      ),
    );
    // What nobody understands is shown too: a message without a notification costs the permission.
    const strange = ['', 'not JSON', '{}', '[]', 'null', message({ title: 5 })];
    for (const [index, data] of strange.entries()) {
      const isShown = async () => {
        const titles = (await shownNotifications(page)).map(({ title }) => title);
        assert.equal(titles.filter((title) => title === 'Vestnik').length, index + 1, data);
      };
      await deliver(data);
      // On a busy machine the debugging protocol may lose one on its way to the worker.
      await eventually(isShown, 5000).catch(async () => {
        await deliver(data);
        await eventually(isShown);
      });
    }
    assert.deepEqual(errors, []);
  });
});
