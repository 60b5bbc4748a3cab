import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { adIsShown, DEFAULT_SETTINGS, type SettingRule, settingFor } from './settings.ts';

const KEY = { event_type: 'booking_created', recipient_role: 'client', channel: 'telegram' } as const;
const row = (change: Partial<SettingRule>): SettingRule => ({
  ...KEY,
  channel: 'all',
  enabled: true,
  ad_template_id: null,
  ...change,
});

describe('the setting that decides', () => {
  test('is off without a row', () => {
    assert.deepEqual(settingFor([], KEY), { enabled: false, ad_template_id: null });
  });

  test('is off when only other events, roles or channels have rows', () => {
    const others = [
      row({ event_type: 'booking_cancelled' }),
      row({ recipient_role: 'admin' }),
      row({ channel: 'web_push' }),
    ];
    assert.equal(settingFor(others, KEY).enabled, false);
  });

  test('is the row for all channels', () => {
    assert.deepEqual(settingFor([row({ ad_template_id: 7 })], KEY), { enabled: true, ad_template_id: 7 });
  });

  test('is the row of the channel where there is one, in either order', () => {
    const all = row({ enabled: true, ad_template_id: 7 });
    const own = row({ channel: 'telegram', enabled: false });
    for (const rows of [
      [all, own],
      [own, all],
    ]) {
      assert.deepEqual(settingFor(rows, KEY), { enabled: false, ad_template_id: null });
      assert.deepEqual(settingFor(rows, { ...KEY, channel: 'web_push' }), { enabled: true, ad_template_id: 7 });
    }
  });

  test('may switch one channel on while all are off', () => {
    const rows = [row({ enabled: false }), row({ channel: 'telegram', ad_template_id: 3 })];
    assert.deepEqual(settingFor(rows, KEY), { enabled: true, ad_template_id: 3 });
  });
});

test('a new company starts with fifteen rows for all channels; off are the admins’ reminder, and a specialist’s word of who has not confirmed', () => {
  assert.equal(DEFAULT_SETTINGS.length, 15);
  assert.ok(DEFAULT_SETTINGS.every(({ channel, ad_template_id }) => channel === 'all' && ad_template_id === null));
  const off = DEFAULT_SETTINGS.filter(({ enabled }) => !enabled);
  assert.deepEqual(
    off.map(({ event_type, recipient_role }) => [event_type, recipient_role]),
    [
      ['booking_reminder', 'admin'],
      ['booking_unconfirmed', 'specialist'],
    ],
  );
});

describe('an ad', () => {
  const now = new Date('2026-01-28T11:00:00Z');
  const cases: [string, { active: boolean; valid_until: Date | null }, boolean][] = [
    ['without an end is shown', { active: true, valid_until: null }, true],
    ['is shown before its end', { active: true, valid_until: new Date('2026-01-28T11:00:01Z') }, true],
    ['is shown at the moment of its end', { active: true, valid_until: now }, true],
    ['is hidden after its end', { active: true, valid_until: new Date('2026-01-28T10:59:59Z') }, false],
    ['is hidden while inactive', { active: false, valid_until: null }, false],
  ];
  for (const [behaviour, template, expected] of cases) {
    test(behaviour, () => assert.equal(adIsShown(template, now), expected));
  }
});
