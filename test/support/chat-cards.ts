import assert from 'node:assert/strict';
import type { ShownMessage } from '#sandbox/telegram/chats.ts';
import { eventually } from './eventually.ts';
import type { Person, Salon } from './salon.ts';
import type { Vestnik } from './vestnik.ts';

export const chatOf = (salon: Salon, person: Person) => salon.people[person].chat;

export const messagesOf = (vestnik: Vestnik, salon: Salon, person: Person): ShownMessage[] =>
  vestnik.telegram.messages(chatOf(salon, person)).filter(({ outgoing, deleted }) => outgoing && !deleted);

/** The person's message with this position, oldest first. */
export function message(vestnik: Vestnik, salon: Salon, person: Person, position = 0): ShownMessage {
  const found = messagesOf(vestnik, salon, person)[position];
  if (!found) throw new Error(`no message ${position} for ${person}`);
  return found;
}

export const dataOf = ({ reply_markup }: ShownMessage) =>
  reply_markup?.inline_keyboard.flat().flatMap((button) => ('callback_data' in button ? [button.callback_data] : [])) ??
  [];

export const look = ({ text, entities, reply_markup }: ShownMessage) => ({ text, entities, reply_markup });

export const lastLine = ({ text }: ShownMessage) => text.split('\n').at(-1);

/** Presses a button of the person's message and waits for the answer and what it shows. */
export async function press(
  vestnik: Vestnik,
  salon: Salon,
  person: Person,
  data: string,
  position = 0,
): Promise<string> {
  const { telegram } = vestnik;
  const { message_id } = message(vestnik, salon, person, position);
  const pressed = telegram.pressButton(chatOf(salon, person), message_id, data);
  const answer = await telegram.until(() => pressed.answer());
  // What is shown comes after the answer.
  await eventually(async () =>
    assert.deepEqual(await vestnik.database.read().execute('SELECT id FROM bot_updates WHERE done_at IS NULL'), []),
  );
  return answer.text;
}

/** A booking of Ivan's that everybody has heard of. */
export async function booked(vestnik: Vestnik, salon: Salon, by: Person | null = 'client'): Promise<number> {
  const { id } = await salon.book(by);
  await vestnik.settled();
  return id;
}
