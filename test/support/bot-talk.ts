import assert from 'node:assert/strict';
import type { ShownMessage } from '#sandbox/telegram/chats.ts';
import type { BookingEvent } from '#src/domain/events.ts';
import { answerTo } from './chat-cards.ts';
import type { Vestnik } from './vestnik.ts';

/** What the bot answers to a text, in the person's chat or in a group. */
export async function ask({ telegram }: Vestnik, userId: number, text: string, chatId = userId): Promise<string> {
  const { message_id } = telegram.sendText(userId, text, { chatId });
  const answer = await telegram.until(() =>
    telegram.messages(chatId).find((message) => message.outgoing && message.message_id > message_id),
  );
  return answer.text;
}

/** The newest message of the bot's in a chat. */
export const lastIn = ({ telegram }: Vestnik, chatId: number): ShownMessage | undefined =>
  telegram.messages(chatId).findLast(({ outgoing, deleted }) => outgoing && !deleted);

/** Presses a button of the newest message, and waits for the answer and what it shows. */
export async function pressLast(vestnik: Vestnik, userId: number, data: string, chatId = userId): Promise<string> {
  const { message_id } = lastIn(vestnik, chatId) ?? {};
  return await answerTo(vestnik, vestnik.telegram.pressButton(userId, message_id ?? 0, data, chatId));
}

/** `/start` with a link of the user's, as the API gives it. */
export async function startText(vestnik: Vestnik, userId: number): Promise<string> {
  const { telegram_url } = await vestnik.create(`/v1/users/${userId}/link`, {});
  assert.match(telegram_url, /^https:\/\/t\.me\/vestnik_sandbox_bot\?start=[\w-]{48}$/);
  return `/start ${new URL(telegram_url).searchParams.get('start')}`;
}

/** Every event from now on, in the order of commit: the outbox itself forgets what is settled. */
export async function recordEvents({ database }: Vestnik): Promise<() => Promise<BookingEvent[]>> {
  await database.write((tx) => tx.execute('CREATE TABLE committed (event TEXT NOT NULL)'));
  await database.write((tx) =>
    tx.execute(`CREATE TRIGGER keep_committed AFTER INSERT ON outbox
      BEGIN INSERT INTO committed (event) VALUES (NEW.event); END`),
  );
  return async () => {
    const rows = await database.read().execute<{ event: string }[]>('SELECT event FROM committed ORDER BY rowid');
    return rows.map(({ event }) => JSON.parse(event));
  };
}
