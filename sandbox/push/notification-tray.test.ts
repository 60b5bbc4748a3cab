import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNotificationTray } from './notification-tray.ts';

const message = (notification: object): string => JSON.stringify({ web_push: 8030, notification });

function trayWith(...payloads: (string | null)[]) {
  const tray = createNotificationTray();
  payloads.forEach((payload, index) => void tray.show(payload, index));
  return tray.all();
}

test('a notification takes the place of the one with its tag, and stands first', () => {
  const shown = trayWith(
    message({ title: 'created', tag: 'booking-1', navigate: 'https://salon.example/booking#a', lang: 'ru' }),
    message({ title: 'another', tag: 'booking-2' }),
    message({
      title: 'moved',
      body: 'to Friday',
      tag: 'booking-1',
      navigate: 'https://salon.example/booking#b',
      silent: true,
    }),
  );
  assert.deepEqual(shown, [
    {
      ...{ id: 3, title: 'moved', body: 'to Friday', navigate: 'https://salon.example/booking#b', lang: '' },
      ...{ silent: true, received_at: 2 },
    },
    { id: 2, title: 'another', body: '', navigate: null, lang: '', silent: false, received_at: 1 },
  ]);
});

test('those without a tag stand side by side, the newest twenty of them', () => {
  const shown = trayWith(...Array.from({ length: 25 }, (_, n) => message({ title: String(n) })));
  assert.deepEqual(
    shown.map(({ title }) => title),
    Array.from({ length: 20 }, (_, n) => String(24 - n)),
  );
});

test('what cannot be read is shown without words, as the product’s worker does', () => {
  for (const payload of [null, '', 'no JSON', '[]', message({ body: 'without a title' })])
    assert.deepEqual(
      trayWith(payload).map(({ title, body, navigate }) => [title, body, navigate]),
      [['Vestnik', '', null]],
    );
});

test('a click leads to web pages alone', () => {
  for (const navigate of ['javascript:alert(1)', 'data:text/html,x', 'tg://resolve', '/booking', 5])
    assert.deepEqual(
      trayWith(message({ title: 'x', navigate })).map((shown) => [shown.title, shown.navigate]),
      [['x', null]],
    );
});
