import { Composer } from 'grammy';
import type { Account } from '../db/accounts.ts';
import type { Locale, RecipientRole } from '../domain/events.ts';
import { PLAIN_TEXTS } from '../messages/texts.ts';
import { adminGroupHandlers } from './admin-groups.ts';
import { adsHandlers } from './ads.ts';
import { bookingListHandlers } from './booking-lists.ts';
import type { BotContext } from './bot-context.ts';
import type { CommandList } from './register-commands.ts';
import { settingsHandlers } from './settings-page.ts';
import { readerOf, say, tellStranger } from './talk.ts';

const IN_PRIVATE = ['bookings', 'today', 'settings', 'stop_ads', 'help', 'stop'] as const;
const IN_GROUPS = ['link', 'unlink'] as const;

/** Without a language: for everyone whose Telegram speaks none of the others. */
const LANGUAGES: { locale: Locale; language_code?: 'en' }[] = [{ locale: 'ru' }, { locale: 'en', language_code: 'en' }];

/** What Telegram's menu offers, in each language. */
export const BOT_COMMANDS: readonly CommandList[] = LANGUAGES.flatMap(({ locale, ...language }) => {
  const described = (command: (typeof IN_PRIVATE | typeof IN_GROUPS)[number]) => ({
    command,
    description: PLAIN_TEXTS[locale].say(`command.${command}`),
  });
  return [
    { scope: { type: 'all_private_chats' as const }, ...language, commands: IN_PRIVATE.map(described) },
    { scope: { type: 'all_group_chats' as const }, ...language, commands: IN_GROUPS.map(described) },
  ];
});

/** All commands but `/start` and `/stop`, with the buttons under what they show. */
export function commandHandlers(): Composer<BotContext> {
  const composer = new Composer<BotContext>();
  composer.use(settingsHandlers(), adsHandlers(), bookingListHandlers(), adminGroupHandlers());

  composer.chatType('private').command('help', async (ctx) => {
    const { accounts, texts } = await readerOf(ctx);
    const role = farthestRole(accounts);
    if (!role) return tellStranger(ctx);
    say(ctx, texts.say(`bot.help_${role}`));
  });
  const inGroup = composer.chatType(['group', 'supergroup']);
  inGroup.command('help', async (ctx) => say(ctx, (await readerOf(ctx)).texts.say('bot.help_group')));
  inGroup.command('start', async (ctx) => {
    const { texts } = await readerOf(ctx);
    say(ctx, texts.say(ctx.match.trim() === '' ? 'bot.help_group' : 'bot.link_in_group'));
  });
  inGroup.command(['bookings', 'today', 'settings', 'stop_ads', 'stop'], async (ctx) => {
    say(ctx, (await readerOf(ctx)).texts.say('bot.private_only'));
  });
  return composer;
}

const BY_RIGHTS: readonly RecipientRole[] = ['admin', 'specialist', 'client'];

/** The one with the most to do. */
function farthestRole(accounts: readonly Account[]): RecipientRole | undefined {
  return BY_RIGHTS.find((role) => accounts.some((account) => account.role === role));
}
