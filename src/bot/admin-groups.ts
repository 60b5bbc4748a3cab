import { Composer } from 'grammy';
import { type Account, accountsOf } from '../db/accounts.ts';
import { linkGroup, moveGroup, renameGroup, setReachability, unlinkGroup } from '../db/chats.ts';
import type { InlineButton } from '../messages/message.ts';
import { PLAIN_TEXTS } from '../messages/texts.ts';
import { localeOf, MOST_CHOICES, oneOfEachCompany } from './accounts.ts';
import type { BotContext } from './bot-context.ts';
import { answer, type Reader, readerOf, say, showInstead, wordsOf } from './talk.ts';

type Action = 'link' | 'unlink';

/** Groups in which a company's admins hear: `/link`, `/unlink`, and what Telegram tells of the group itself. */
export function adminGroupHandlers(): Composer<BotContext> {
  const composer = new Composer<BotContext>();
  const inGroup = composer.chatType(['group', 'supergroup']);

  inGroup.command('link', (ctx) => ask(ctx, 'link'));
  inGroup.command('unlink', (ctx) => ask(ctx, 'unlink'));
  inGroup.callbackQuery(/^bkg:(link|unlink):(\d{1,10})$/, async (ctx) => {
    const [, action, companyId] = ctx.match;
    await chosen(ctx, action === 'link' ? 'link' : 'unlink', Number(companyId));
  });
  inGroup.on('my_chat_member', async (ctx) => {
    const { old_chat_member, new_chat_member } = ctx.myChatMember;
    const isThere = isMember(new_chat_member);
    await setReachability(ctx.tx, ctx.chat.id, { reason: isThere ? null : 'blocked', now: ctx.now });
    const hasJoined = isThere && !isMember(old_chat_member);
    if (hasJoined && (await accountsOf(ctx.tx, ctx.chat.id)).length === 0)
      say(ctx, (await readerOf(ctx)).texts.say('bot.group_hello'));
  });
  // Each of the two chats is told; whichever comes first does it.
  inGroup.on('message:migrate_to_chat_id', (ctx) =>
    moveGroup(ctx.tx, { from: ctx.chat.id, to: ctx.message.migrate_to_chat_id }),
  );
  inGroup.on('message:migrate_from_chat_id', (ctx) =>
    moveGroup(ctx.tx, { from: ctx.message.migrate_from_chat_id, to: ctx.chat.id }),
  );
  inGroup.on('message:new_chat_title', (ctx) => renameGroup(ctx.tx, ctx.chat.id, ctx.message.new_chat_title));
  composer.chatType('private').command(['link', 'unlink'], async (ctx) => {
    say(ctx, (await readerOf(ctx)).texts.say('bot.group_only'));
  });
  return composer;
}

/** Who left, was thrown out, or was muted for good can say nothing (Bot API, ChatMember). */
function isMember(member: { status: string; is_member?: boolean; can_send_messages?: boolean }): boolean {
  if (member.status === 'restricted') return member.is_member === true && member.can_send_messages === true;
  return member.status !== 'left' && member.status !== 'kicked';
}

const adminsAmong = (accounts: readonly Account[]): Account[] => accounts.filter(({ role }) => role === 'admin');

async function ask(ctx: BotContext, action: Action): Promise<void> {
  const reader = await readerOf(ctx);
  const { texts } = reader;
  if (ctx.message?.sender_chat) return say(ctx, (await wordsOfGroup(ctx)).texts.say('bot.group_anonymous'));
  const admins = oneOfEachCompany(adminsAmong(reader.accounts));
  if (admins.length === 0) return say(ctx, texts.say('bot.group_admins_only'));
  const linked = await linkedCompanies(ctx);
  const candidates = action === 'link' ? admins : admins.filter(({ company_id }) => linked.has(company_id));
  const [only, ...others] = candidates;
  if (!only) return say(ctx, texts.say(linked.size > 0 ? 'bot.group_admins_only' : 'bot.group_not_linked'));
  if (others.length === 0) return say(ctx, await act(ctx, action, only, reader));
  say(ctx, texts.say(`bot.group_choose_${action}`), choices(candidates, action));
}

/** Nobody's language is known: the group's. */
async function wordsOfGroup(ctx: BotContext) {
  return wordsOf(localeOf(ctx.chat ? await accountsOf(ctx.tx, ctx.chat.id) : [], undefined));
}

/** The companies whose notifications come to this chat, whether or not they can at the moment. */
async function linkedCompanies(ctx: BotContext): Promise<Set<number>> {
  const groups = ctx.chat ? await accountsOf(ctx.tx, ctx.chat.id) : [];
  return new Set(groups.map(({ company_id }) => company_id));
}

function choices(candidates: readonly Account[], action: Action): InlineButton[][] {
  return candidates.slice(0, MOST_CHOICES).map(({ company_id, company_name, locale }) => [
    {
      text: PLAIN_TEXTS[locale].say('fact.company', { name: company_name }),
      callback_data: `bkg:${action}:${company_id}`,
    },
  ]);
}

/** The company is named by the button, so that it may be any: the one who presses must be its admin. */
async function chosen(ctx: BotContext, action: Action, companyId: number): Promise<void> {
  const reader = await readerOf(ctx);
  const admin = adminsAmong(reader.accounts).find(({ company_id }) => company_id === companyId);
  if (!admin) return answer(ctx, reader.plain.say('bot.admins_only'), { alert: true });
  answer(ctx);
  showInstead(ctx, await act(ctx, action, admin, reader));
}

/** Does it, and says what came of it. */
async function act(
  ctx: BotContext,
  action: Action,
  { company_id, company_name: company, locale }: Account,
  { texts }: Reader,
): Promise<string> {
  const { chat } = ctx;
  if (!chat) return texts.say('bot.group_not_linked');
  const group = { company_id, chat_id: chat.id };
  if (action === 'unlink') {
    const wasLinked = await unlinkGroup(ctx.tx, group);
    return wasLinked ? texts.say('bot.group_unlinked', { company }) : texts.say('bot.group_not_linked');
  }
  const isNew = await linkGroup(ctx.tx, { ...group, title: chat.title ?? '', locale, now: ctx.now });
  return texts.say(isNew ? 'bot.group_linked' : 'bot.group_linked_already', { company });
}
