import { Composer } from 'grammy';
import { type Account, accountsOf } from '../db/accounts.ts';
import { setPreference } from '../db/preferences.ts';
import { resumeAdsButton, stopAdsButton } from '../messages/ads-buttons.ts';
import type { InlineButton, TelegramMessage } from '../messages/message.ts';
import { hasSeveralCompanies, MOST_CHOICES, oneOfEachCompany } from './accounts.ts';
import type { BotContext } from './bot-context.ts';
import { answer, type Reader, readerOf, say, showButtons, showInstead, tellStranger, wordsOf } from './talk.ts';

const CHOOSE = 'bka:choose';

type Wish = 'on' | 'off';
/** What a button is about: one company's ads, or those of every company that the account has to do with. */
type Scope = number | 'all';

/** `/stop_ads`, and the button under a broadcast. Buttons name the state wanted, so that a second tap changes nothing. */
export function adsHandlers(): Composer<BotContext> {
  const composer = new Composer<BotContext>();
  const inPrivate = composer.chatType('private');

  inPrivate.command('stop_ads', async (ctx) => {
    const reader = await readerOf(ctx);
    const [first] = reader.accounts;
    if (!first) return tellStranger(ctx);
    const isChoice = hasSeveralCompanies(reader.accounts);
    const { html, keyboard } = isChoice ? chooserPage(reader) : await settle(ctx, reader, first.company_id, 'off');
    say(ctx, html, keyboard);
  });
  inPrivate.callbackQuery(CHOOSE, async (ctx) => {
    const reader = await readerOf(ctx);
    if (reader.accounts.length === 0) return answer(ctx, reader.plain.say('bot.unavailable'));
    show(ctx, chooserPage(reader));
  });
  inPrivate.callbackQuery(/^bka:(on|off):(all|\d{1,10})$/, async (ctx) => {
    const [, wish, scope] = ctx.match;
    await chosen(ctx, scope === 'all' ? 'all' : Number(scope), wish === 'on' ? 'on' : 'off');
  });
  composer.chatType(['private', 'group', 'supergroup']).callbackQuery(/^bks:(stop|again):(\d{1,10})$/, async (ctx) => {
    await pressedBelowBroadcast(ctx, Number(ctx.match[2]), ctx.match[1] === 'again' ? 'on' : 'off');
  });
  return composer;
}

async function chosen(ctx: BotContext, scope: Scope, wish: Wish): Promise<void> {
  const reader = await readerOf(ctx);
  if (within(reader.accounts, scope).length === 0) return answer(ctx, reader.plain.say('bot.unavailable'));
  show(ctx, await settle(ctx, reader, scope, wish), reader.plain.say('bot.saved'));
}

const within = (accounts: readonly Account[], scope: Scope): readonly Account[] =>
  scope === 'all' ? accounts : accounts.filter(({ company_id }) => company_id === scope);

/** Does it, and says how it is now. */
async function settle(ctx: BotContext, reader: Reader, scope: Scope, wish: Wish): Promise<TelegramMessage> {
  for (const account of within(reader.accounts, scope)) await setAds(ctx, account, wish);
  return settledPage(reader, scope, wish);
}

async function setAds({ tx }: BotContext, account: Account, wish: Wish): Promise<void> {
  await setPreference(tx, { ...account, ads_opt_out: wish === 'off' });
}

function show(ctx: BotContext, { html, keyboard }: TelegramMessage, said = ''): void {
  answer(ctx, said);
  showInstead(ctx, html, keyboard);
}

function settledPage({ accounts, texts, plain }: Reader, scope: Scope, wish: Wish): TelegramMessage {
  const isChoice = hasSeveralCompanies(accounts);
  const name = isChoice && accounts.find(({ company_id }) => company_id === scope)?.company_name;
  const said = texts.say(wish === 'off' ? 'bot.ads_stopped' : 'bot.ads_resumed');
  const undo: InlineButton =
    wish === 'off'
      ? { text: plain.say('button.resume_ads'), callback_data: `bka:on:${scope}` }
      : { text: plain.say('button.stop_ads'), callback_data: `bka:off:${scope}` };
  const back = { text: plain.say('bot.button_all_companies'), callback_data: CHOOSE };
  return {
    html: name ? `${texts.say('fact.company', { name })}\n\n${said}` : said,
    keyboard: [[undo], ...(isChoice ? [[back]] : [])],
  };
}

function chooserPage({ accounts, texts, plain }: Reader): TelegramMessage {
  const companies = oneOfEachCompany(accounts).slice(0, MOST_CHOICES);
  const choices = companies.map(({ company_id, company_name: name }): InlineButton[] => {
    const isOff = within(accounts, company_id).every(({ ads_opt_out }) => ads_opt_out);
    const text = plain.say(isOff ? 'bot.button_company_without_ads' : 'fact.company', { name });
    return [{ text, callback_data: `bka:off:${company_id}` }];
  });
  const all = { text: plain.say('bot.button_ads_of_all'), callback_data: 'bka:off:all' };
  return { html: texts.say('bot.ads_choose'), keyboard: [...choices, [all]] };
}

/** Any id may stand in the button: only a user of the chat counts. A group's belongs to the admins of its company. */
async function pressedBelowBroadcast(ctx: BotContext, userId: number, wish: Wish): Promise<void> {
  const reader = await readerOf(ctx);
  const ofChat = ctx.chat ? await accountsOf(ctx.tx, ctx.chat.id) : [];
  const user = ofChat.find(({ id }) => id === userId);
  if (!user) return answer(ctx, reader.plain.say('bot.unavailable'));
  if (!mayDecideFor(user, reader.accounts)) return answer(ctx, reader.plain.say('bot.admins_only'), { alert: true });
  await setAds(ctx, user, wish);
  const said = wish === 'off' ? 'bot.company_ads_stopped' : 'bot.company_ads_resumed';
  answer(ctx, reader.plain.say(said, { company: user.company_name }));
  const next = wish === 'off' ? resumeAdsButton : stopAdsButton;
  showButtons(ctx, [[next(user.id, wordsOf(user.locale).plain)]]);
}

const mayDecideFor = (user: Account, own: readonly Account[]): boolean =>
  own.some(({ id, role, company_id }) => id === user.id || (role === 'admin' && company_id === user.company_id));
