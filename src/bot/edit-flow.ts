import { Composer } from 'grammy';
import type { BookingService } from '../bookings/booking-service.ts';
import { forgetCard } from '../db/cards.ts';
import { showList } from './booking-lists.ts';
import type { BotContext } from './bot-context.ts';
import {
  bookingIdOf,
  findOpenCard,
  initiatorOf,
  isCurrent,
  type OpenCard,
  openCard,
  phrase,
  refuse,
  showOutdated,
  showView,
} from './cards.ts';
import { answer } from './talk.ts';
import { returnToOf } from './views.ts';

export interface EditFlowDeps {
  bookings: Pick<BookingService, 'cancel'>;
}

/** `bkn:edit|hide|back:{id}` and `bke:menu|cancel|confirm_cancel|back:{id}:{return_to}`. The dialogue has `bke:reschedule`. */
export function editFlowHandlers({ bookings }: EditFlowDeps): Composer<BotContext> {
  const composer = new Composer<BotContext>();

  composer.callbackQuery(/^bkn:edit:([^:]*)$/, async (ctx) => {
    const open = await findAsAdmin(ctx, ctx.match[1]);
    if (open?.rights.has('cancel')) await showView(ctx, open, { kind: 'menu' });
    else if (open) await showOutdated(ctx, open);
  });

  composer.callbackQuery(/^bkn:hide:([^:]*)$/, async (ctx) => {
    const open = await findAsAdmin(ctx, ctx.match[1]);
    if (!open) return;
    const { chat_id, message_id } = open.card;
    answer(ctx);
    ctx.respond({ kind: 'delete', chat_id, message_id });
    await forgetCard(ctx.tx, open.card);
  });

  composer.callbackQuery(/^bkn:back:([^:]*)$/, async (ctx) => {
    const open = await findAsAdmin(ctx, ctx.match[1]);
    if (open) await showView(ctx, open, { kind: 'notification' });
  });

  composer.callbackQuery(/^bke:menu:([^:]*):([^:]*)$/, async (ctx) => {
    const open = await openFrom(ctx, ctx.match);
    if (open) await showView(ctx, open, { kind: 'menu' });
  });

  composer.callbackQuery(/^bke:cancel:([^:]*):([^:]*)$/, async (ctx) => {
    const open = await openFrom(ctx, ctx.match);
    if (open) await showView(ctx, open, { kind: 'confirm_cancel' });
  });

  composer.callbackQuery(/^bke:confirm_cancel:([^:]*):([^:]*)$/, async (ctx) => {
    const open = await findOpenCard(ctx, ...target(ctx.match));
    if (!open) return;
    if (isDone(open)) return answer(ctx);
    if (!mayConfirm(open, ctx.now)) return await showOutdated(ctx, open);
    await bookings.cancel(ctx.tx, open.booking.id, initiatorOf(open), ctx.trace);
    await showView(ctx, open, { kind: 'notification', here: true }, phrase(open, 'card.cancel_done'));
  });

  composer.callbackQuery(/^bke:back:([^:]*):([^:]*)$/, async (ctx) => {
    const open = await findOpenCard(ctx, ...target(ctx.match));
    if (!open) return;
    const { chat_id, message_id, return_to } = open.card;
    if (return_to === 'card') return await showView(ctx, open, { kind: 'notification' });
    await forgetCard(ctx.tx, open.card);
    answer(ctx);
    await showList(ctx, chat_id, message_id, return_to, open.booking);
  });

  composer.callbackQuery(/^(?:bkn:|bke:(?!reschedule:))/, async (ctx) => {
    await refuse(ctx, 'card.not_found');
  });

  return composer;
}

const target = (match: string | RegExpMatchArray) => [bookingIdOf(match[1]), returnToOf(match[2])] as const;

function openFrom(ctx: BotContext, match: string | RegExpMatchArray): Promise<OpenCard | null> {
  const [bookingId, returnTo] = target(match);
  return openCard(ctx, bookingId, { current: false, returnTo });
}

/** The question stands open, about the booking as it is now. */
function mayConfirm(open: OpenCard, now: Date): boolean {
  const { view, view_expires_at } = open.card;
  const isAsked = view.kind === 'confirm_cancel' && view_expires_at !== null && now < view_expires_at;
  return isAsked && isCurrent(open) && open.rights.has('cancel');
}

/** A second tap finds that the first has cancelled the booking. */
const isDone = ({ card, booking }: OpenCard): boolean =>
  booking.status === 'cancelled' && card.view.kind === 'notification' && card.view.here === true;

/** The buttons under an admin's notification. */
async function findAsAdmin(ctx: BotContext, id: string | undefined): Promise<OpenCard | null> {
  const open = await findOpenCard(ctx, bookingIdOf(id));
  if (!open || (open.audience === 'admin' && open.account.role === 'admin')) return open;
  await refuse(ctx, 'card.not_found');
  return null;
}
