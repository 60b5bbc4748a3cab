import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDatabase } from '#src/db/database.ts';
import { PushSubscription } from '#src/db/entities.ts';
import { findRows } from '#src/db/rows.ts';
import { createLog } from '#src/observability/log.ts';
import { eventually } from '../support/eventually.ts';
import { initiator } from '../support/salon.ts';
import { unlessInstalled } from './browsers.ts';
import { dropSubscription, launchFirefox, notifications, untilState } from './firefox.ts';
import { openPushSalon, type PushSalon } from './push-salon.ts';

const skip = unlessInstalled('firefox');

/** The stored subscriptions; the product's own API never shows their keys. */
async function devices({ vestnik }: PushSalon) {
  const path = join(vestnik.dataDir, 'vestnik.sqlite');
  const database = await openDatabase({ database: { kind: 'sqlite', path }, log: createLog('silent') });
  try {
    return await findRows(database.read(), PushSubscription, {}, { orderBy: { id: 'asc' } });
  } finally {
    await database.close();
  }
}

test('Firefox subscribes, hears of a booking made, moved and cancelled, opens it by a click, and unsubscribes', {
  skip,
}, async (t) => {
  const world = await openPushSalon(t);
  const { vestnik, salon, push } = world;
  const { page, browser, clickNotification } = await launchFirefox(t, push);
  await page.goto(await world.subscribeUrl());
  await untilState(page, 'offer');
  await page.click('#action');
  await untilState(page, 'subscribed');
  const [device] = await devices(world);
  assert.equal(device?.user_id, salon.people.client.id);
  assert.equal(device.endpoint.startsWith(push.endpointOrigin), true);

  const { id } = await salon.book('admin');
  const shown = async (text: RegExp) =>
    await eventually(async () => {
      const all = await notifications(page);
      assert.equal(all.length, 1);
      assert.match(`${all[0]?.title}\n${all[0]?.body}`, text);
      return all[0];
    });
  const created = await shown(/28\.01\.2027 14:00/);
  const byAdmin = initiator(salon, 'admin');
  const moved = await vestnik.call('PATCH', `/v1/bookings/${id}`, { starts_at: '2027-01-29T12:30:00Z' }, byAdmin);
  assert.equal(moved.status, 200);
  assert.equal((await shown(/29\.01\.2027 15:30/))?.tag, created?.tag);
  await vestnik.call('POST', `/v1/bookings/${id}/cancel`, {}, byAdmin);
  const cancelled = await shown(/отменена/);
  assert.equal(cancelled?.tag, created?.tag);

  assert.equal(await clickNotification(), cancelled?.title);
  const booking = await eventually(async () => {
    const found = (await browser.pages()).find((each) => new URL(each.url()).pathname === '/booking');
    assert.notEqual(found, undefined);
    return found;
  });
  await booking?.waitForSelector('#card[data-state="cancelled"]');
  assert.match((await booking?.$eval('#booking', (part) => part.textContent)) ?? '', /Стрижка/);

  await page.bringToFront();
  await page.click('#action');
  await untilState(page, 'unsubscribed');
  assert.deepEqual(await devices(world), []);
});

test('Firefox gives its subscription up without a word: the next message meets 410, and the row is gone', {
  skip,
}, async (t) => {
  const world = await openPushSalon(t);
  const { salon, push } = world;
  const { page } = await launchFirefox(t, push);
  await page.goto(await world.subscribeUrl());
  await untilState(page, 'offer');
  await page.click('#action');
  await untilState(page, 'subscribed');
  assert.equal((await devices(world)).length, 1);
  await dropSubscription(page);
  await salon.book('admin');
  await push.until(() => push.requests().at(-1)?.outcome?.status === 410);
  await eventually(async () => assert.deepEqual(await devices(world), []));
});

test('Firefox subscribes anew when the key has changed, and when its push service has forgotten it', {
  skip,
}, async (t) => {
  const world = await openPushSalon(t);
  const { vestnik, salon, push } = world;
  const { page } = await launchFirefox(t, push);
  const url = await world.subscribeUrl();
  await page.goto(url);
  await untilState(page, 'offer');
  await page.click('#action');
  await untilState(page, 'subscribed');
  const [first] = await devices(world);

  await rm(join(vestnik.dataDir, 'vapid-keys.json'));
  await vestnik.restart();
  await page.goto('about:blank');
  await page.goto(url);
  await untilState(page, 'subscribed');
  const [second, ...others] = await devices(world);
  assert.deepEqual(others, []);
  assert.notEqual(second?.vapid_key, first?.vapid_key);
  assert.notEqual(second?.endpoint, first?.endpoint);

  // The link of somebody else asks before it takes this browser over.
  const { subscribe_url } = await vestnik.create(`/v1/users/${salon.people.admin.id}/link`, {});
  await page.goto('about:blank');
  await page.goto(subscribe_url);
  await untilState(page, 'offer');
  assert.deepEqual(
    (await devices(world)).map(({ user_id }) => user_id),
    [salon.people.client.id],
  );

  push.firefox.forgetAll();
  const third = await eventually(async () => {
    const stored = await devices(world);
    assert.equal(stored.length, 1);
    assert.notEqual(stored[0]?.endpoint, second?.endpoint);
    return stored[0];
  }, 20_000);
  assert.equal(third?.vapid_key, second?.vapid_key);
  await salon.book('admin');
  await eventually(async () => assert.equal((await notifications(page)).length, 1), 30_000);
});

test('Firefox that dropped its subscription gets a new one at the next visit, and a new owner by the link of another', {
  skip,
}, async (t) => {
  const world = await openPushSalon(t);
  const { vestnik, salon, push } = world;
  const { client, admin } = salon.people;
  const { page } = await launchFirefox(t, push);
  const url = await world.subscribeUrl();
  await page.goto(url);
  await untilState(page, 'offer');
  await page.click('#action');
  await untilState(page, 'subscribed');
  const [dropped] = await devices(world);
  await dropSubscription(page);

  await page.goto('about:blank');
  await page.goto(url);
  await untilState(page, 'subscribed');
  const renewed = (await devices(world)).find(({ endpoint }) => endpoint !== dropped?.endpoint);
  assert.equal(renewed?.user_id, client.id);
  await salon.book(null);
  // In no order of their own.
  const titles = async () => (await notifications(page)).map(({ title }) => title).sort();
  await eventually(async () => assert.deepEqual(await titles(), ['📅 У вас новая запись']));

  await vestnik.call('PATCH', `/v1/users/${admin.id}`, { tg_id: null });
  const { subscribe_url } = await vestnik.create(`/v1/users/${admin.id}/link`, {});
  await page.goto('about:blank');
  await page.goto(subscribe_url);
  await untilState(page, 'offer');
  await page.click('#action');
  await untilState(page, 'subscribed');
  // What was dropped went with the 410 that the first message met.
  await eventually(async () => {
    const owners = (await devices(world)).map(({ user_id, endpoint }) => [user_id, endpoint]);
    assert.deepEqual(owners, [[admin.id, renewed?.endpoint]]);
  });
  await salon.book(null, { starts_at: '2027-02-01T10:00:00Z' });
  await eventually(async () => assert.deepEqual(await titles(), ['📅 Новая запись #2', '📅 У вас новая запись']));
  const ofAdmin = (await notifications(page)).find(({ title }) => title.includes('#2'));
  assert.match(ofAdmin?.body ?? '', /Иван Петров/);
});
