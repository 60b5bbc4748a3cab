import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLinkSigner } from './link-signer.ts';
import { createLinks } from './links.ts';

const DAY_MS = 86_400_000;
const signer = createLinkSigner({ secret: Buffer.alloc(32, 1) });
const now = new Date('2026-11-23T10:00:00Z');
const linksOf = (bot: string | null) =>
  createLinks({ signer, publicUrl: 'https://salon.example/app', botUsername: () => bot, clock: () => now });
const user = { id: 5, company_id: 3 };
const ownClaims = { company_id: 3, user_id: 5, booking_id: null, event_type: null };

test('an invitation leads to the page and to the bot, each with a token of its own, for a week', () => {
  const { telegram_url, subscribe_url, expires_at } = linksOf('vestnik_bot').invitation(user);
  assert.equal(expires_at.getTime(), now.getTime() + 7 * DAY_MS);
  const page = new URL(subscribe_url);
  assert.deepEqual([page.origin, page.pathname, page.search], ['https://salon.example', '/app/subscribe', '']);
  const expected = { ...ownClaims, purpose: 'subscribe' };
  assert.deepEqual(signer.verify(page.hash.slice(1), ['subscribe'], now), expected);
  const bot = new URL(telegram_url ?? '');
  assert.equal(`${bot.origin}${bot.pathname}`, 'https://t.me/vestnik_bot');
  const start = bot.searchParams.get('start') ?? '';
  assert.deepEqual(signer.verify(start, ['telegram_start'], now), { ...expected, purpose: 'telegram_start' });
});

test('there is no way to a bot without a name', () => {
  assert.equal(linksOf(null).invitation(user).telegram_url, null);
});

test('a booking can be looked at for a month after it begins, or after the message where that was later', () => {
  const target = { company_id: 3, user_id: 5, booking_id: 9, event_type: 'booking_created' } as const;
  for (const starts_at of [new Date('2027-01-28T11:00:00Z'), new Date('2026-01-01T00:00:00Z')]) {
    const token =
      linksOf(null)
        .bookingUrl({ ...target, starts_at })
        .split('/app/booking#')[1] ?? '';
    const end = Math.max(starts_at.getTime(), now.getTime()) + 30 * DAY_MS;
    const verifyAt = (ms: number) => signer.verify(token, ['booking'], new Date(ms));
    assert.deepEqual([verifyAt(end - 1), verifyAt(end)], [{ purpose: 'booking', ...target }, 'expired']);
  }
});

test('a calendar link keeps the claims for an hour, and opens nothing else', () => {
  const claims = { ...ownClaims, purpose: 'booking' as const, booking_id: 9 };
  const token = linksOf(null).calendarPath(claims).split('=')[1] ?? '';
  assert.deepEqual(signer.verify(token, ['calendar'], now), { ...claims, purpose: 'calendar' });
  assert.equal(signer.verify(token, ['booking'], now), 'other_purpose');
  assert.equal(signer.verify(token, ['calendar'], new Date(now.getTime() + DAY_MS / 24)), 'expired');
});
