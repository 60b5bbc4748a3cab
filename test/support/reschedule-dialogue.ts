import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { Composer } from 'grammy';
import { createBookingService } from '#src/bookings/booking-service.ts';
import type { BotContext } from '#src/bot/bot-context.ts';
import type { BotResponse } from '#src/bot/bot-response.ts';
import { editFlowHandlers } from '#src/bot/edit-flow.ts';
import { rescheduleHandlers } from '#src/bot/reschedule.ts';
import type { Database } from '#src/db/database.ts';
import { bookingBody, makeSalon, startTestApi } from './api.ts';
import { openTestDatabase } from './database.ts';
import { createTestBot } from './handler-bot.ts';

export const CLIENT = 41;
export const SPECIALIST = 42;
export const ADMIN = 43;
export const OTHER_ADMIN = 44;
export const STRANGER = 45;
export const GROUP = -1001;
/** The message whose buttons are pressed. */
export const MESSAGE = 7;

export const NOW = '2026-11-23T09:00:00.000Z';
/** The booking: Tuesday, 14:00 in Moscow. */
export const STARTS_AT = '2026-11-24T11:00:00.000Z';
export const WEDNESDAY = 'bkr:day:2026-11-25';
/** 12:00 in Moscow. */
export const NOON = 'bkr:time:2026-11-25T09:00Z';

/** A salon's API and its bot over one database. */
export async function openDialogue(t: TestContext, { database }: { database?: Database } = {}) {
  let clock = () => new Date(NOW);
  const api = await startTestApi(t, { clock: () => clock(), database: database ?? (await openTestDatabase(t)) });
  const salon = await makeSalon(api);
  const { company_id, client_id, specialist_id } = salon;
  await api.ok('PATCH', `/v1/users/${client_id}`, { tg_id: CLIENT });
  await api.ok('POST', '/v1/users', { company_id, role: 'admin', name: 'Max', tg_id: OTHER_ADMIN, locale: 'en' });
  await api.ok('POST', '/v1/users', { company_id, role: 'client', name: 'Ада', tg_id: STRANGER });
  const { id } = await api.ok('POST', '/v1/bookings', { ...bookingBody(salon), starts_at: STARTS_AT });
  let events = 0;
  const bookings = createBookingService({
    database: api.database,
    clock: () => clock(),
    newId: () => `bot-${++events}`,
    onCommitted: () => undefined,
  });
  const composer = new Composer<BotContext>();
  composer.use(editFlowHandlers({ bookings }), rescheduleHandlers({ bookings }));
  const bot = createTestBot(t, composer, api.database);
  bot.now = new Date(NOW);
  clock = () => bot.now;

  /** What the press is answered with; it must be answered exactly once. */
  const answerOf = (responses: BotResponse[]): string => {
    const answers = responses.filter((response) => response.kind === 'answer');
    assert.equal(answers.length, 1);
    return answers[0]?.text ?? '';
  };

  return {
    api,
    salon,
    bot,
    id,
    schedule: `/v1/users/${specialist_id}/schedule`,
    booking: () => api.ok('GET', `/v1/bookings/${id}`),
    /** Presses one button after another; gives the last answer. */
    async press(who: number, ...datas: string[]): Promise<string> {
      let answer = '';
      for (const data of datas) answer = answerOf(await bot.press(who, who, MESSAGE, data));
      return answer;
    },
    pressInGroup: async (who: number, data: string) => answerOf(await bot.press(who, GROUP, MESSAGE, data)),
    /** From the menu to the days. */
    start: [`bke:menu:${id}:card`, `bke:reschedule:${id}`],
    shown(chat: number) {
      const message = bot.messages(chat).find(({ message_id }) => message_id === MESSAGE);
      assert.ok(message);
      const labels = message.keyboard.map((row) => row.map(({ text }) => text).join(' '));
      const data = message.keyboard.flat().map((button) => button.callback_data);
      return { text: message.text, labels, data };
    },
  };
}
