import type { BotContext } from './bot-context.ts';
import { answer, readerOf, say } from './talk.ts';

/** What people hear when the bot could not do what they asked for, through no fault of theirs. */
export async function apologize(ctx: BotContext): Promise<void> {
  const { texts, plain } = await readerOf(ctx);
  if (ctx.callbackQuery) answer(ctx, plain.say('bot.failed'), { alert: true });
  else if (ctx.message?.text !== undefined) say(ctx, texts.say('bot.failed'));
}
