import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './support/eventually.ts';
import { received, startPush } from './support/push.ts';
import { openSalon } from './support/salon.ts';
import { startVestnik } from './support/vestnik.ts';
import { addEndpoint, startWebhookReceiver } from './support/webhook-receiver.ts';

const HOUR_MS = 3_600_000;

test('a specialist whose bot is blocked reads the day in the browser, and the company’s server hears of it', async (t) => {
  // A push service takes tokens of about now, so the clock stays near it, at half past: the hour of the list is put behind it.
  let ahead = (30 - new Date().getUTCMinutes()) * 60_000;
  const clock = () => new Date(Date.now() + ahead);
  const push = await startPush(t);
  const receiver = await startWebhookReceiver(t, clock);
  const env = { ...push.env, WEBHOOK_ALLOWED_HOSTS: receiver.host };
  const vestnik = await startVestnik(t, { env, clock });
  const salon = await openSalon(vestnik);
  const { companyId: company_id, people } = salon;
  await addEndpoint(vestnik, receiver, { company_id, event_types: ['delivery.sent'] });
  const browser = push.createVirtualBrowser();
  await push.subscribe(vestnik, salon, 'specialist', browser);
  vestnik.telegram.fault(people.specialist.chat, { kind: 'blocked' });

  // Where it is half past twelve now: the day has time for all of this.
  const offset = 12 - clock().getUTCHours();
  const time_zone = offset === 0 ? 'UTC' : `Etc/GMT${offset > 0 ? '-' : '+'}${Math.abs(offset)}`;
  const starts = (hours: number) => new Date(clock().getTime() + hours * HOUR_MS);
  for (const hours of [2, 3])
    await salon.book(null, { starts_at: starts(hours).toISOString(), notify: false, allow_overlap: true });
  const change = { time_zone, day_list_at: '13:00', reminders: [] };
  assert.equal((await vestnik.call('PATCH', `/v1/companies/${company_id}`, change)).status, 200);
  ahead += HOUR_MS;
  await eventually(() => assert.equal(received(browser).length, 1), 10_000);
  const [shown] = received(browser);
  assert.equal(shown?.title, '🗓 Сегодня 2 записи, первая в 14:30');
  assert.match(shown?.body ?? '', /^14:30 · Иван Петров · Стрижка\n15:/);
  assert.match(shown?.navigate ?? '', /^https:\/\/salon\.example\/booking#/);
  await vestnik.settled();
  await eventually(() => assert.equal(receiver.calls.length, 1));
  const { event_id, ...sent } = receiver.calls[0]?.data ?? {};
  assert.equal(typeof event_id, 'string');
  assert.deepEqual(sent, {
    ...{ company_id, event_type: 'specialist_day', booking_id: null, user_id: people.specialist.id },
    ...{ role: 'specialist', channel: 'web_push', attempts: 1, merged_versions: null },
  });
});
