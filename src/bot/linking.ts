import { createHash } from 'node:crypto';
import { Composer } from 'grammy';
import { type Account, accountsOf } from '../db/accounts.ts';
import { listeningGroup, setChat, setReachability } from '../db/chats.ts';
import { User } from '../db/entities.ts';
import { findRow, type Row } from '../db/rows.ts';
import { markLinkUsed } from '../db/used-links.ts';
import type { LinkClaims, LinkRefusal, LinkSigner } from '../links/link-signer.ts';
import { INVITATION_TTL_MS } from '../links/links.ts';
import { TELEGRAM_TEXTS } from '../messages/texts.ts';
import type { BotContext } from './bot-context.ts';
import { readerOf, say, tellStranger } from './talk.ts';

type LinkProblem = 'bot.link_expired' | 'bot.link_used' | 'bot.link_invalid' | 'bot.link_gone';

/** What ties a chat to a user, and what unties it: `/start`, `/stop`, blocking the bot. Answers every other text too. */
export function linkingHandlers({ linkSigner }: { linkSigner: LinkSigner }): Composer<BotContext> {
  const composer = new Composer<BotContext>();
  const inPrivate = composer.chatType('private');

  inPrivate.command('start', async (ctx) => {
    const token = ctx.match.trim();
    if (token === '') return await welcomeBack(ctx);
    const claims = linkSigner.verify(token, ['telegram_start'], ctx.now);
    if (typeof claims === 'string') return await refuse(ctx, problemOf(claims));
    return await link(ctx, token, claims);
  });
  inPrivate.command('stop', stop);
  inPrivate.on('my_chat_member', async (ctx) => {
    const isBlocked = ctx.myChatMember.new_chat_member.status === 'kicked';
    await setReachability(ctx.tx, ctx.from.id, { reason: isBlocked ? 'blocked' : null, now: ctx.now });
  });
  // Whatever comes after may know better what to do with it.
  inPrivate.on(['message:text', 'message:file', 'message:contact', 'message:location'], async (ctx, next) => {
    await next();
    if (ctx.responses.length === 0) await point(ctx);
  });
  return composer;
}

function problemOf(refusal: LinkRefusal): LinkProblem {
  return refusal === 'expired' ? 'bot.link_expired' : 'bot.link_invalid';
}

async function link(ctx: BotContext, token: string, { user_id, company_id }: LinkClaims): Promise<void> {
  const tgId = ctx.from?.id ?? 0;
  const user = await findRow(ctx.tx, User, { id: user_id, company_id });
  if (!user || user.erased_at !== null) return await refuse(ctx, 'bot.link_gone');
  // A group is a user too, but nobody's to become.
  if (isGroup(user)) return await refuse(ctx, 'bot.link_invalid');
  const expires_at = new Date(ctx.now.getTime() + INVITATION_TTL_MS);
  const isNew = await markLinkUsed(ctx.tx, { token_hash: hashOf(token), tg_id: tgId, expires_at });
  if (!isNew && user.tg_id !== tgId) return await refuse(ctx, 'bot.link_used');
  await setChat(ctx.tx, user_id, tgId);
  await setReachability(ctx.tx, tgId, { reason: null, now: ctx.now });
  const account = (await accountsOf(ctx.tx, tgId)).find(({ id }) => id === user_id);
  if (account) say(ctx, isNew ? await greeting(ctx, account) : alreadyLinked(account));
}

function isGroup({ tg_id }: Row<typeof User>): boolean {
  return tg_id !== null && tg_id < 0;
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

async function greeting(ctx: BotContext, account: Account): Promise<string> {
  const { name, company_name: company, company_id, role, locale } = account;
  const texts = TELEGRAM_TEXTS[locale];
  const group = role === 'admin' ? await listeningGroup(ctx.tx, company_id) : null;
  const promise = group === null ? texts.say(`bot.promise_${role}`) : texts.say('bot.promise_group', { group });
  return [texts.say('bot.linked', { name, company }), promise, texts.say('bot.more')].join('\n\n');
}

function alreadyLinked({ company_name: company, locale }: Account): string {
  const texts = TELEGRAM_TEXTS[locale];
  return `${texts.say('bot.already_linked', { company })}\n\n${texts.say('bot.more')}`;
}

async function refuse(ctx: BotContext, problem: LinkProblem): Promise<void> {
  const { texts } = await readerOf(ctx);
  say(ctx, texts.say(problem));
}

async function welcomeBack(ctx: BotContext): Promise<void> {
  const { accounts, texts } = await readerOf(ctx);
  const [first] = accounts;
  if (!first) return tellStranger(ctx);
  await setReachability(ctx.tx, ctx.from?.id ?? 0, { reason: null, now: ctx.now });
  say(ctx, `${texts.say('bot.welcome_back', { name: first.name })}\n\n${texts.say('bot.more')}`);
}

async function stop(ctx: BotContext): Promise<void> {
  const { accounts, texts } = await readerOf(ctx);
  if (accounts.length === 0) return tellStranger(ctx);
  await setReachability(ctx.tx, ctx.from?.id ?? 0, { reason: 'stopped', now: ctx.now });
  say(ctx, texts.say('bot.stopped'));
}

async function point(ctx: BotContext): Promise<void> {
  const { accounts, texts } = await readerOf(ctx);
  if (accounts.length === 0) return tellStranger(ctx);
  const isStopped = accounts.every(({ telegram_unreachable }) => telegram_unreachable === 'stopped');
  say(ctx, texts.say(isStopped ? 'bot.pointer_stopped' : 'bot.pointer'));
}
