import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PushSubscription } from '#src/db/entities.ts';
import { findRows } from '#src/db/rows.ts';
import {
  DELIVERED,
  devicesOf,
  fates,
  onScreen,
  openPushSalon,
  received,
  startPush,
  suppressed,
  telegramSends,
  WITH_TELEGRAM,
} from './support/push.ts';
import { initiator, openSalon, shown } from './support/salon.ts';
import { startVestnik } from './support/vestnik.ts';

describe('a client without Telegram', () => {
  const TOLD = {
    ru: [
      ['📅 Мы вас записали', '🕐 28.01.2027 14:00', '📍 Центр', '💇 Стрижка · 60 мин', '👨‍💼 Анна'],
      [
        '🔄 Ваша запись перенесена',
        '🕐 28.01.2027 14:00 → 29.01.2027 15:30',
        '📍 Центр',
        '💇 Стрижка · 60 мин',
        '👨‍💼 Анна',
      ],
      ['❌ Ваша запись отменена', '🕐 29.01.2027 15:30', '📍 Центр', '💇 Стрижка · 60 мин', '👨‍💼 Анна'],
    ],
    en: [
      ['📅 We’ve booked you in', '🕐 28 Jan 2027, 14:00', '📍 Центр', '💇 Стрижка · 60 min', '👨‍💼 Анна'],
      [
        '🔄 Your booking was moved',
        '🕐 28 Jan 2027, 14:00 → 29 Jan 2027, 15:30',
        '📍 Центр',
        '💇 Стрижка · 60 min',
        '👨‍💼 Анна',
      ],
      ['❌ Your booking was cancelled', '🕐 29 Jan 2027, 15:30', '📍 Центр', '💇 Стрижка · 60 min', '👨‍💼 Анна'],
    ],
  };
  for (const locale of ['ru', 'en'] as const)
    test(`hears of each change in ${locale}, and sees the last one alone`, async (t) => {
      const { push, vestnik, salon, browser, subscription } = await openPushSalon(t, { tg_id: null, locale });
      const { id } = await salon.book('admin');
      await vestnik.settled();
      const by = initiator(salon, 'admin');
      const moved = await vestnik.call('PATCH', `/v1/bookings/${id}`, { starts_at: '2027-01-29T12:30:00Z' }, by);
      assert.equal(moved.status, 200);
      await vestnik.settled();
      assert.equal((await vestnik.call('POST', `/v1/bookings/${id}/cancel`, undefined, by)).status, 200);
      assert.deepEqual(await fates(vestnik, salon), [DELIVERED, DELIVERED, DELIVERED]);

      const told = TOLD[locale].map(([title, ...body]) => ({ title, body: body.join('\n') }));
      assert.deepEqual(
        received(browser).map(({ title, body }) => ({ title, body })),
        told,
      );
      assert.deepEqual(onScreen(browser), told.slice(-1));
      for (const { navigate, lang, tag } of received(browser)) {
        assert.match(navigate, /^https:\/\/salon\.example\/booking#[\w-]{48}$/);
        assert.deepEqual([lang, tag], [locale, `booking-${salon.companyId}-${id}`]);
      }
      assert.equal(new Set(browser.notifications().map(({ topic }) => topic)).size, 1);
      assert.deepEqual(browser.decryptionErrors(), []);
      assert.deepEqual(
        push.requests().map(({ endpoint }) => endpoint),
        Array(3).fill(subscription.endpoint),
      );
      assert.equal(shown(vestnik, salon, 'specialist').length, 3);
    });

  test('of whom the phone was off sees only the last state', async (t) => {
    const { vestnik, salon, browser } = await openPushSalon(t);
    browser.setOnline(false);
    const { id } = await salon.book('admin');
    await vestnik.settled();
    await vestnik.call('POST', `/v1/bookings/${id}/cancel`);
    await vestnik.settled();
    assert.deepEqual(received(browser), []);
    browser.setOnline(true);
    assert.deepEqual(
      received(browser).map(({ title }) => title),
      ['❌ Ваша запись отменена'],
    );
  });

  test('and without a device hears nothing, and the log says why', async (t) => {
    const push = await startPush(t);
    const vestnik = await startVestnik(t, { env: push.env });
    const salon = await openSalon(vestnik, { client: { tg_id: null } });
    await salon.book('admin');
    assert.deepEqual(await fates(vestnik, salon), [suppressed('no_channel')]);
    assert.equal(shown(vestnik, salon, 'specialist').length, 1);
  });

  test('whose name looks like markup is named as it is', async (t) => {
    const { push, vestnik, salon } = await openPushSalon(t, { tg_id: null, name: '<b>"A" & B</b>' });
    const staff = push.createVirtualBrowser();
    await push.subscribe(vestnik, salon, 'specialist', staff);
    vestnik.telegram.block(salon.people.specialist.chat);
    await salon.book('admin');
    await vestnik.settled();
    assert.match(received(staff)[0]?.body ?? '', /^👤 <b>"A" & B<\/b>$/m);
  });
});

describe('devices', () => {
  test('all get the message; one that is gone is deleted, and no other', async (t) => {
    const { push, vestnik, salon, browser, subscription } = await openPushSalon(t);
    const laptop = push.createVirtualBrowser();
    const tablet = push.createVirtualBrowser();
    const kept = await push.subscribe(vestnik, salon, 'client', laptop);
    const failing = await push.subscribe(vestnik, salon, 'client', tablet);
    const colleague = await push.subscribe(vestnik, salon, 'specialist', push.createVirtualBrowser());
    push.fault(failing.endpoint, { kind: 'server_error' });
    subscription.unsubscribe();
    await salon.book('admin');
    assert.deepEqual(await fates(vestnik, salon), [DELIVERED]);
    assert.deepEqual(
      [browser, laptop, tablet].map((device) => received(device).length),
      [0, 1, 0],
    );
    const left = await findRows(vestnik.database.read(), PushSubscription, {});
    assert.deepEqual(
      left.map(({ endpoint }) => endpoint).toSorted(),
      [kept, failing, colleague].map(({ endpoint }) => endpoint).toSorted(),
    );
    assert.equal((await vestnik.call('GET', `/v1/users/${salon.people.client.id}`)).body.web_push_unreachable, null);
  });

  test('that are all gone end the message with a reason, and the user shows it', async (t) => {
    const { push, vestnik, salon, subscription } = await openPushSalon(t);
    const second = await push.subscribe(vestnik, salon, 'client', push.createVirtualBrowser());
    subscription.unsubscribe();
    push.fault(second.endpoint, { kind: 'not_found' });
    await salon.book('admin');
    const [fate] = await fates(vestnik, salon);
    assert.equal(fate?.status, 'suppressed');
    assert.match(fate?.reason ?? '', /^unreachable:web_push_4(?:10|04)$/);
    assert.deepEqual(await devicesOf(vestnik, salon, 'client'), []);
    const { id } = salon.people.client;
    assert.equal((await vestnik.call('GET', `/v1/users/${id}`)).body.web_push_unreachable, 'unsubscribed');
    await salon.book('admin', { starts_at: '2027-02-01T10:00:00Z' });
    assert.deepEqual((await fates(vestnik, salon)).at(-1), suppressed('no_channel'));
  });

  test('made with another VAPID key are kept and not sent to', async (t) => {
    const { push, vestnik, salon } = await openPushSalon(t);
    const vapid_key = 'B'.repeat(87);
    await vestnik.database.write((tx) => tx.nativeUpdate(PushSubscription, {}, { vapid_key }));
    await salon.book('admin');
    assert.deepEqual(await fates(vestnik, salon), [suppressed('unreachable:web_push_foreign_key')]);
    assert.equal((await devicesOf(vestnik, salon, 'client')).length, 1);
    assert.deepEqual(push.requests(), []);
  });
});

describe('a client with Telegram', () => {
  test('hears there, and not in the browser', async (t) => {
    const { push, vestnik, salon } = await openPushSalon(t, WITH_TELEGRAM);
    await salon.book('admin');
    assert.deepEqual(await fates(vestnik, salon), [{ ...DELIVERED, channel: 'telegram' }]);
    assert.deepEqual(push.requests(), []);
  });

  for (const kind of ['blocked', 'deactivated', 'chat_not_found'] as const)
    test(`${kind} there hears in the browser in the same attempt, and is asked there no more`, async (t) => {
      const { vestnik, salon, browser } = await openPushSalon(t, WITH_TELEGRAM);
      vestnik.telegram.fault(salon.people.client.chat, { kind }, { methods: ['sendMessage'] });
      await salon.book('admin');
      assert.deepEqual(await fates(vestnik, salon), [DELIVERED]);
      const { body } = await vestnik.call('GET', `/v1/users/${salon.people.client.id}`);
      assert.equal(body.telegram_unreachable, kind);
      await salon.book('admin', { starts_at: '2027-02-01T10:00:00Z' });
      assert.deepEqual(await fates(vestnik, salon), [DELIVERED, DELIVERED]);
      assert.equal(telegramSends(vestnik, salon).length, 1);
      assert.equal(received(browser).length, 2);
    });

  test('who can be reached nowhere is told so by each channel', async (t) => {
    const { vestnik, salon, subscription } = await openPushSalon(t, WITH_TELEGRAM);
    vestnik.telegram.block(salon.people.client.chat);
    subscription.unsubscribe();
    await salon.book('admin');
    assert.deepEqual(await fates(vestnik, salon), [suppressed('unreachable:blocked,web_push_410')]);
  });
});
