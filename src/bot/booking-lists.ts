import { Composer } from 'grammy';
import type { Account } from '../db/accounts.ts';
import {
  type BookingLine,
  bookingLines,
  bookingsOfToday,
  type ListedBooking,
  type Place,
  upcomingBookings,
} from '../db/booking-lists.ts';
import { isOpen } from '../domain/bookings.ts';
import { RECIPIENT_ROLES, type RecipientRole } from '../domain/events.ts';
import { roleInBooking } from '../domain/permissions.ts';
import { type ListItem, type ListKind, renderBookingList } from '../messages/booking-list.ts';
import type { TelegramMessage } from '../messages/message.ts';
import { hasSeveralCompanies } from './accounts.ts';
import type { BotContext } from './bot-context.ts';
import { answer, type Reader, readerOf, say, tellStranger } from './talk.ts';

const PAGE_SIZE = 5;
/** Nobody turns more pages than this makes. */
const MOST = 100;

/** `/bookings` and `/today`, and the buttons that turn their pages. */
export function bookingListHandlers(): Composer<BotContext> {
  const composer = new Composer<BotContext>();
  const inPrivate = composer.chatType('private');
  for (const kind of ['bookings', 'today'] as const)
    inPrivate.command(kind, async (ctx) => {
      const reader = await readerOf(ctx);
      if (reader.accounts.length === 0) return tellStranger(ctx);
      const { html, keyboard } = await listFor(ctx, reader, kind, null);
      say(ctx, html, keyboard);
    });
  inPrivate.callbackQuery(/^bkl:(bookings|today):(\d{1,3})$/, async (ctx) => {
    const kind = ctx.match[1] === 'today' ? 'today' : 'bookings';
    answer(ctx);
    const { message } = ctx.callbackQuery;
    if (message) await showList(ctx, message.chat.id, message.message_id, kind, Number(ctx.match[2]));
  });
  return composer;
}

/**
 * Draws the bookings of the person whom the update is from into a message.
 * @param wanted a page, from 0, or the booking whose page it is, even if it is in the list no more
 */
export async function showList(
  ctx: BotContext,
  chatId: number,
  messageId: number,
  kind: ListKind,
  wanted: number | ListedBooking,
): Promise<void> {
  const { html, keyboard } = await listFor(ctx, await readerOf(ctx), kind, wanted);
  ctx.respond({ kind: 'edit', chat_id: chatId, message_id: messageId, html, keyboard });
}

async function listFor(
  ctx: BotContext,
  { accounts, locale, texts }: Reader,
  kind: ListKind,
  wanted: number | ListedBooking | null,
): Promise<TelegramMessage> {
  const { tx, now } = ctx;
  const staff = accounts.filter(({ role }) => role !== 'client');
  if (kind === 'today' && staff.length === 0) return { html: texts.say('bot.today_staff_only'), keyboard: [] };
  const range = { now, most: MOST + 1 };
  const found =
    kind === 'today'
      ? await bookingsOfToday(tx, staff.map(workPlace), range)
      : await upcomingBookings(tx, accounts.flatMap(placesOf), range);
  const listed = found.slice(0, MOST);
  const pages = Math.max(1, Math.ceil(listed.length / PAGE_SIZE));
  const page = Math.min(typeof wanted === 'number' ? wanted : pageOf(listed, wanted, now), pages - 1);
  const ids = listed.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE).map(({ id }) => id);
  const lines = await bookingLines(tx, ids);
  return renderBookingList({
    kind,
    locale,
    items: lines.flatMap((line) => itemFor(accounts, line, now) ?? []),
    page,
    pages,
    firstNumber: page * PAGE_SIZE + 1,
    total: listed.length,
    isCut: found.length > MOST,
    now,
    time_zone: (kind === 'today' ? staff : accounts)[0]?.time_zone ?? 'UTC',
  });
}

/** A booking that has left the list has its page by its time; without one, a day is opened at what is under way or comes next. */
function pageOf(listed: readonly ListedBooking[], wanted: ListedBooking | null, now: Date): number {
  const itself = listed.findIndex(({ id }) => id === wanted?.id);
  const after = wanted?.ends_at ?? now;
  const next = itself >= 0 ? itself : listed.findIndex(({ ends_at }) => ends_at > after);
  return Math.floor(Math.max(0, next) / PAGE_SIZE);
}

/** Anybody may be a client; specialists and admins may be a booking's specialist. */
function placesOf({ id: user_id, company_id, role }: Account): Place[] {
  if (role === 'admin') return [{ company_id, user_id, of: 'company' }];
  const asClient: Place = { company_id, user_id, of: 'client' };
  return role === 'client' ? [asClient] : [asClient, { company_id, user_id, of: 'specialist' }];
}

function workPlace({ id: user_id, company_id, role, time_zone }: Account): Place & { time_zone: string } {
  return { company_id, user_id, time_zone, of: role === 'admin' ? 'company' : 'specialist' };
}

function itemFor(accounts: readonly Account[], line: BookingLine, now: Date): ListItem | null {
  const roles = accounts
    .filter(({ company_id }) => company_id === line.company_id)
    .map((account) => roleInBooking(account, line));
  const role = nearest(roles);
  if (!role) return null;
  return {
    ...line,
    role,
    open: isOpen(line, now),
    company_name: hasSeveralCompanies(accounts) ? line.company_name : null,
  };
}

/** RECIPIENT_ROLES begin with the one nearest to the booking. */
const nearest = (roles: readonly (RecipientRole | null)[]): RecipientRole | undefined =>
  RECIPIENT_ROLES.find((role) => roles.includes(role));
