import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DELIVERED, fates, openPushSalon, received, suppressed, telegramSends, WITH_TELEGRAM } from './support/push.ts';
import type { Salon } from './support/salon.ts';
import type { Vestnik } from './support/vestnik.ts';

describe('settings', () => {
  /** A new company has the rows for `all`. */
  async function set(vestnik: Vestnik, salon: Salon, channel: string, enabled: boolean): Promise<void> {
    const key = { company_id: salon.companyId, event_type: 'booking_created', recipient_role: 'client', channel };
    const { body } = await vestnik.call(
      'GET',
      `/v1/notification-settings?${new URLSearchParams({ ...key, company_id: String(key.company_id) })}`,
    );
    const [row] = body.items;
    if (row === undefined) await vestnik.create('/v1/notification-settings', { ...key, enabled });
    else assert.equal((await vestnik.call('PATCH', `/v1/notification-settings/${row.id}`, { enabled })).status, 200);
  }

  test('with Telegram off send to the browser, although Telegram would do', async (t) => {
    const { vestnik, salon, browser } = await openPushSalon(t, WITH_TELEGRAM);
    await set(vestnik, salon, 'telegram', false);
    await salon.book('admin');
    assert.deepEqual(await fates(vestnik, salon), [DELIVERED]);
    assert.equal(received(browser).length, 1);
    assert.equal(telegramSends(vestnik, salon).length, 0);
  });

  test('with Web Push off leave the browser alone, also when Telegram fails', async (t) => {
    const { push, vestnik, salon } = await openPushSalon(t, WITH_TELEGRAM);
    await set(vestnik, salon, 'web_push', false);
    vestnik.telegram.block(salon.people.client.chat);
    await salon.book('admin');
    await vestnik.settled();
    await vestnik.call('PATCH', `/v1/users/${salon.people.client.id}`, { tg_id: null });
    await salon.book('admin', { starts_at: '2027-02-01T10:00:00Z' });
    assert.deepEqual(await fates(vestnik, salon), [suppressed('unreachable:blocked'), suppressed('no_channel')]);
    assert.deepEqual(push.requests(), []);
  });

  test('with both off end it before any attempt', async (t) => {
    const { push, vestnik, salon } = await openPushSalon(t);
    await set(vestnik, salon, 'telegram', false);
    await set(vestnik, salon, 'web_push', false);
    await salon.book('admin');
    assert.deepEqual(await fates(vestnik, salon), [{ ...suppressed('setting_off'), attempts: 0 }]);
    assert.deepEqual(push.requests(), []);
  });

  test('that turn all off and the browser on send to the browser alone', async (t) => {
    const { vestnik, salon, browser } = await openPushSalon(t, WITH_TELEGRAM);
    await set(vestnik, salon, 'all', false);
    await set(vestnik, salon, 'web_push', true);
    await salon.book('admin');
    assert.deepEqual(await fates(vestnik, salon), [DELIVERED]);
    assert.equal(received(browser).length, 1);
    assert.equal(telegramSends(vestnik, salon).length, 0);
  });

  test('that turn all off end it, although both would do', async (t) => {
    const { push, vestnik, salon } = await openPushSalon(t, WITH_TELEGRAM);
    await set(vestnik, salon, 'all', false);
    await salon.book('admin');
    assert.deepEqual(await fates(vestnik, salon), [{ ...suppressed('setting_off'), attempts: 0 }]);
    assert.deepEqual([push.requests().length, telegramSends(vestnik, salon).length], [0, 0]);
  });
});
