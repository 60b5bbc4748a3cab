import { Composer } from 'grammy';
import type { Account } from '../db/accounts.ts';
import { setPreference, setQuietHours } from '../db/preferences.ts';
import { lookAtRemindersOf } from '../db/quiet-changes.ts';
import type { Locale } from '../domain/events.ts';
import { QUIET_KINDS } from '../domain/quiet-hours.ts';
import { hasSeveralCompanies, MOST_CHOICES } from './accounts.ts';
import type { BotContext } from './bot-context.ts';
import { chosen, kindOf, QUIET_BUTTON, quietButton, quietLine, quietPage } from './quiet-hours-page.ts';
import { answer, type Page, type Reader, readerOf, say, showInstead, tellStranger, wordsOf } from './talk.ts';

const ALL = 'bks:all';

/** `/settings`: language, ads and quiet hours, of each user that the account stands for. Buttons name the state wanted, so that a second tap changes nothing. */
export function settingsHandlers(): Composer<BotContext> {
  const composer = new Composer<BotContext>();
  const inPrivate = composer.chatType('private');

  inPrivate.command('settings', async (ctx) => {
    const reader = await readerOf(ctx);
    const [first, ...others] = reader.accounts;
    if (!first) return tellStranger(ctx);
    const { html, keyboard } = others.length > 0 ? chooserPage(reader) : settingsPage(first, false);
    say(ctx, html, keyboard);
  });
  inPrivate.callbackQuery(ALL, async (ctx) => {
    const reader = await readerOf(ctx);
    if (reader.accounts.length === 0) return answer(ctx, reader.plain.say('bot.unavailable'));
    show(ctx, chooserPage(reader));
  });
  inPrivate.callbackQuery(/^bks:open:(\d{1,10})$/, async (ctx) => {
    await withOwn(ctx, Number(ctx.match[1]), async (account) => account);
  });
  inPrivate.callbackQuery(/^bks:lang:(\d{1,10}):(ru|en)$/, async (ctx) => {
    const locale: Locale = ctx.match[2] === 'en' ? 'en' : 'ru';
    await withOwn(ctx, Number(ctx.match[1]), (account) => change(ctx, account, { locale }));
  });
  inPrivate.callbackQuery(/^bks:ads:(\d{1,10}):(on|off)$/, async (ctx) => {
    const ads_opt_out = ctx.match[2] === 'off';
    await withOwn(ctx, Number(ctx.match[1]), (account) => change(ctx, account, { ads_opt_out }));
  });
  inPrivate.callbackQuery(QUIET_BUTTON, async (ctx) => {
    const [, id, word = '', choice] = ctx.match;
    const kind = kindOf(word);
    const act = async (account: Account): Promise<Account> => {
      if (choice === undefined) return account;
      const quiet_hours = chosen(account.quiet_hours, kind, choice);
      await setQuietHours(ctx.tx, account.id, quiet_hours);
      if (kind === 'messages') await lookAtRemindersOf(ctx.tx, account, ctx.now);
      return { ...account, quiet_hours };
    };
    await withOwn(ctx, Number(id), act, (account) => quietPage(account, kind));
  });
  return composer;
}

async function change(
  ctx: BotContext,
  account: Account,
  set: Partial<Pick<Account, 'locale' | 'ads_opt_out'>>,
): Promise<Account> {
  const changed = { ...account, ...set };
  await setPreference(ctx.tx, changed);
  return changed;
}

/** Any id may stand in a button: only a user of the one who presses counts. Shows their page as `act` leaves it. */
async function withOwn(
  ctx: BotContext,
  userId: number,
  act: (account: Account) => Promise<Account>,
  pageOf = settingsPage,
): Promise<void> {
  const reader = await readerOf(ctx);
  const own = reader.accounts.find(({ id }) => id === userId);
  if (!own) return answer(ctx, reader.plain.say('bot.unavailable'));
  const after = await act(own);
  show(
    ctx,
    pageOf(after, reader.accounts.length > 1),
    after === own ? '' : wordsOf(after.locale).plain.say('bot.saved'),
  );
}

function show(ctx: BotContext, { html, keyboard }: Page, said = ''): void {
  answer(ctx, said);
  showInstead(ctx, html, keyboard);
}

function settingsPage(account: Account, hasOthers: boolean): Page {
  const { id, locale, ads_opt_out } = account;
  const { texts, plain } = wordsOf(locale);
  const lines = [
    texts.say('bot.settings'),
    ...(hasOthers ? [texts.say('fact.company', { name: account.company_name })] : []),
    [
      texts.say('bot.settings_language'),
      texts.say(ads_opt_out ? 'bot.settings_ads_off' : 'bot.settings_ads_on'),
      ...QUIET_KINDS.map((kind) => quietLine(account, kind)),
    ].join('\n'),
  ];
  const other: Locale = locale === 'ru' ? 'en' : 'ru';
  return {
    html: lines.join('\n\n'),
    keyboard: [
      [{ text: plain.say('bot.button_other_language'), callback_data: `bks:lang:${id}:${other}` }],
      [
        ads_opt_out
          ? { text: plain.say('bot.button_ads_on'), callback_data: `bks:ads:${id}:on` }
          : { text: plain.say('bot.button_ads_off'), callback_data: `bks:ads:${id}:off` },
      ],
      ...QUIET_KINDS.map((kind) => [quietButton(account, kind)]),
      ...(hasOthers ? [[{ text: plain.say('bot.button_all_companies'), callback_data: ALL }]] : []),
    ],
  };
}

function chooserPage({ accounts, texts, plain }: Reader): Page {
  // Two users of one company are told apart by their roles.
  const withRole =
    !hasSeveralCompanies(accounts) || accounts.length > new Set(accounts.map((one) => one.company_id)).size;
  return {
    html: `${texts.say('bot.settings')}\n\n${texts.say('bot.settings_choose')}`,
    keyboard: accounts.slice(0, MOST_CHOICES).map(({ id, company_name, role }) => {
      const name = plain.say('fact.company', { name: company_name });
      const text = withRole ? `${name} · ${plain.say(`role.${role}`)}` : name;
      return [{ text, callback_data: `bks:open:${id}` }];
    }),
  };
}
