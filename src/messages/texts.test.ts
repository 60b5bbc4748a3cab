import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LOCALES } from '../domain/events.ts';
import { en } from './locales/en.ts';
import { ru } from './locales/ru.ts';
import { TELEGRAM_TEXTS } from './texts.ts';

const keys = Object.keys(en) as (keyof typeof en)[];
const placeholders = (text: string) => (text.match(/\{\{.*?\}\}/g) ?? []).toSorted();

describe('the catalogue', () => {
  test('names the same values in both languages', () => {
    for (const key of keys) assert.deepEqual(placeholders(en[key]), placeholders(ru[key]), key);
  });

  test('begins each text with the same emoji in both languages', () => {
    const emoji = (text: string) => text.match(/^[\p{Emoji}\p{Emoji_Component}]+/u)?.[0];
    for (const key of keys) assert.equal(emoji(en[key]), emoji(ru[key]), key);
  });

  test('holds no character that Telegram HTML would read as markup', () => {
    for (const key of keys) assert.doesNotMatch(ru[key] + en[key], /[<>&]/, key);
  });
});

describe('a value in a text', () => {
  test('is escaped', () => {
    assert.equal(
      TELEGRAM_TEXTS.ru.say('fact.client', { name: '<b>"A" & B</b>' }),
      '👤 &lt;b&gt;&quot;A&quot; &amp; B&lt;/b&gt;',
    );
  });

  test('is never read as a template, whatever it looks like', () => {
    for (const name of [
      '{{id}}',
      '{{- id}}',
      '$t(button.hide)',
      '$t(fact.client, {"name":"x"})',
      '$& $1 $$',
      '__proto__',
    ])
      for (const locale of LOCALES)
        assert.equal(
          TELEGRAM_TEXTS[locale].say('fact.client', { name, id: 1 }),
          `👤 ${name.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}`,
        );
  });

  test('must not be missing', () => {
    assert.throws(() => TELEGRAM_TEXTS.ru.say('fact.client'), /lacks a value for \{\{name\}\}/);
  });
});

test('a role without a wording of its own falls back to the neutral one', () => {
  assert.equal(TELEGRAM_TEXTS.ru.say('client.created', {}, 'cron'), '📅 У вас новая запись');
  assert.equal(TELEGRAM_TEXTS.en.say('client.reminder', {}, 'admin'), '⏰ A reminder about your booking');
});
