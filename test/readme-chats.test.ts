import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { eventually } from './support/eventually.ts';
import { openSalon, type Person, type Salon } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

const NOW = new Date('2026-11-23T09:00:00Z');

/** What people see of the newest message of a chat: its text and its buttons. */
function newest(vestnik: Vestnik, salon: Salon, person: Person): string {
  const message = vestnik.telegram.messages(salon.people[person].chat).findLast(({ deleted }) => !deleted);
  const rows = message?.reply_markup?.inline_keyboard ?? [];
  return [message?.text, ...rows.map((row) => row.map(({ text }) => `[${text}]`).join(' '))].join('\n');
}

test('the chats in README.md are what people see', async (t) => {
  const vestnik = await startVestnik(t, { clock: () => NOW });
  const salon = await openSalon(vestnik);
  await salon.book(null, { starts_at: '2026-11-24T11:00:00Z' });
  await vestnik.settled();

  async function press(person: Person, label: string): Promise<string> {
    const { chat } = salon.people[person];
    const message = vestnik.telegram.messages(chat).findLast(({ outgoing }) => outgoing);
    const button = message?.reply_markup?.inline_keyboard.flat().find(({ text }) => text === label);
    const before = newest(vestnik, salon, person);
    vestnik.telegram.pressButton(chat, message?.message_id ?? 0, button?.callback_data ?? '');
    await eventually(() => assert.notEqual(newest(vestnik, salon, person), before));
    return `> ${label}\n\n${newest(vestnik, salon, person)}`;
  }

  const admin = [
    newest(vestnik, salon, 'admin'),
    `> ✏️ Редактировать, 🗓 Перенести, 25, 13:00\n\n${await chooseTime()}`,
    await press('admin', '✅ Да, перенести'),
  ];
  async function chooseTime(): Promise<string> {
    for (const label of ['✏️ Редактировать', '🗓 Перенести', '25', '13:00']) await press('admin', label);
    return newest(vestnik, salon, 'admin');
  }
  await vestnik.settled();

  const { chat } = salon.people.client;
  await eventually(() => assert.match(newest(vestnik, salon, 'client'), /перенесена/));
  const client = [newest(vestnik, salon, 'client')];
  vestnik.telegram.sendText(chat, '/bookings');
  await eventually(() => assert.match(newest(vestnik, salon, 'client'), /^📋/));
  client.push(`> /bookings\n\n${newest(vestnik, salon, 'client')}`);

  const readme = await readFile('README.md', 'utf8');
  const blocks = readme.split(/^```.*\n/m).map((block) => block.trimEnd());
  for (const chatText of [admin, client].map((parts) => parts.join('\n\n')))
    assert.ok(blocks.includes(chatText), `README.md lacks this chat:\n\n${chatText}`);
});
