import { Composer } from 'grammy';
import type { BotContext } from '#src/bot/bot-context.ts';
import type { Database } from '#src/db/database.ts';

/** What a test bot does: every text leaves a row, so that a second effect would show, and is answered. */
export function testHandlers(freeze: () => Promise<never>): Composer<BotContext> {
  const composer = new Composer<BotContext>();
  composer.on('message:text', async (ctx, next) => {
    const { chat, text } = ctx.message;
    if (text === 'ignore') return await next();
    await ctx.tx.execute('INSERT INTO companies (name, time_zone, created_at) VALUES (?, ?, ?)', [
      `${chat.id}:${text}`,
      'UTC',
      ctx.now,
    ]);
    if (text === 'freeze') await freeze();
    if (text === 'fail') throw new Error('a bug');
    const keyboard = [[{ text: 'Press', callback_data: 'press' }]];
    ctx.respond({ kind: 'send', chat_id: chat.id, html: `heard <b>${text}</b>`, keyboard });
  });
  composer.callbackQuery('press', (ctx) => {
    const shown = ctx.callbackQuery.message;
    if (!shown) return;
    ctx.respond({ kind: 'answer', query_id: ctx.callbackQuery.id, text: 'pressed', alert: false });
    const [chat_id, message_id] = [shown.chat.id, shown.message_id];
    ctx.respond({ kind: 'edit', chat_id, message_id, html: 'pressed', keyboard: [] });
  });
  return composer;
}

/** What the handlers did, in order. */
export async function effects(database: Database, chatId: number): Promise<string[]> {
  const rows = await database
    .read()
    .execute<{ name: string }[]>('SELECT name FROM companies WHERE name LIKE ? ORDER BY id', [`${chatId}:%`]);
  return rows.map(({ name }) => name.slice(`${chatId}:`.length));
}

/** Updates that are not done. */
export async function openUpdates(database: Database): Promise<number> {
  const [row] = await database
    .read()
    .execute<{ open: number }[]>('SELECT COUNT(*) AS open FROM bot_updates WHERE done_at IS NULL');
  return row?.open ?? 0;
}
