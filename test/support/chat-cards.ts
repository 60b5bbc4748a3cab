import assert from 'node:assert/strict';
import type { ShownMessage } from '#sandbox/telegram/chats.ts';
import type { PressedButton } from '#sandbox/telegram/virtual-user.ts';
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

/** Resolves when all that the bot has heard is done and shown. */
export async function untilQuiet({ database }: Pick<Vestnik, 'database'>): Promise<void> {
  await eventually(async () =>
    assert.deepEqual(await database.read().execute('SELECT id FROM bot_updates WHERE done_at IS NULL'), []),
  );
}

/** What the press is answered with, once all that it shows is there. */
export async function answerTo(vestnik: Vestnik, pressed: PressedButton): Promise<string> {
  const answer = await vestnik.telegram.until(() => pressed.answer());
  // What is shown comes after the answer.
  await untilQuiet(vestnik);
  return answer.text;
}

/** Presses a button of the person's message and waits for the answer and what it shows. */
export async function press(
  vestnik: Vestnik,
  salon: Salon,
  person: Person,
  data: string,
  position = 0,
): Promise<string> {
  const { message_id } = message(vestnik, salon, person, position);
  return await answerTo(vestnik, vestnik.telegram.pressButton(chatOf(salon, person), message_id, data));
}

/** As `press`, whether or not the message has such a button. */
export async function forge(
  vestnik: Vestnik,
  salon: Salon,
  person: Person,
  data: string,
  position = 0,
): Promise<string> {
  const chat = chatOf(salon, person);
  const { message_id } = message(vestnik, salon, person, position);
  return await answerTo(vestnik, vestnik.telegram.pressButton(chat, message_id, data, chat, { forged: true }));
}

/** A booking of Ivan's that everybody has heard of. */
export async function booked(vestnik: Vestnik, salon: Salon, by: Person | null = 'client'): Promise<number> {
  const { id } = await salon.book(by);
  await vestnik.settled();
  return id;
}
