import assert from 'node:assert/strict';
import type { InlineButton } from '#src/messages/message.ts';
import { answerTo } from './chat-cards.ts';
import { eventually } from './eventually.ts';
import type { Person, Salon } from './salon.ts';
import type { Vestnik } from './vestnik.ts';

/** A person's chat with the bot. */
export function phoneOf(vestnik: Vestnik, { people }: Salon, person: Person) {
  const { telegram } = vestnik;
  const { chat } = people[person];
  const messages = () => telegram.messages(chat).filter(({ outgoing, deleted }) => outgoing && !deleted);
  const message = (id: number) => messages().find(({ message_id }) => message_id === id);
  const rows = (id: number): InlineButton[][] =>
    (message(id)?.reply_markup?.inline_keyboard ?? []).map((row) =>
      row.map(({ text, callback_data = '' }) => ({ text, callback_data })),
    );
  const dataOf = (id: number, prefix: string): string | undefined =>
    rows(id)
      .flat()
      .map(({ callback_data }) => callback_data)
      .find((data) => data.startsWith(prefix));

  return {
    texts: () => messages().map(({ text }) => text),
    text: (id: number): string => message(id)?.text ?? '',
    newest: (): number => messages().at(-1)?.message_id ?? 0,
    labels: (id: number): string[] => rows(id).map((row) => row.map(({ text }) => text).join(' ')),
    shows: (id: number, prefix: string): boolean => dataOf(id, prefix) !== undefined,
    data: (id: number): string[] =>
      rows(id)
        .flat()
        .map(({ callback_data }) => callback_data),
    /** Presses the first button whose data begins so, once it is there; gives the answer, when all that it shows is there. */
    async press(id: number, prefix: string): Promise<string> {
      await eventually(() => assert.equal(dataOf(id, prefix) === undefined ? 'not shown' : prefix, prefix));
      return await answerTo(vestnik, telegram.pressButton(chat, id, dataOf(id, prefix) ?? ''));
    },
  };
}
export type Phone = ReturnType<typeof phoneOf>;

/** The first button with each beginning, one after another; gives the last answer. */
export async function pressAll(phone: Phone, id: number, prefixes: readonly string[]): Promise<string> {
  let answer = '';
  for (const prefix of prefixes) answer = await phone.press(id, prefix);
  return answer;
}
