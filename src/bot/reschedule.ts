import { type CallbackQueryContext, Composer } from 'grammy';
import { BookingRefused } from '../bookings/booking-refused.ts';
import type { BookingService } from '../bookings/booking-service.ts';
import type { DialogueEvent } from '../domain/reschedule-dialogue.ts';
import { type AskingState, dayOf, firstState, type Settled, settle, step } from '../domain/reschedule-dialogue.ts';
import { pressOf } from '../messages/reschedule-buttons.ts';
import type { SpokenKey } from '../messages/texts.ts';
import type { BotContext } from './bot-context.ts';
import { findShownCard } from './card-drawing.ts';
import { bookingIdOf, initiatorOf, type OpenCard, openCard, phrase, refuse, showOutdated, showView } from './cards.ts';
import { type MoveCalendar, openMoveCalendar } from './move-calendar.ts';
import { answer } from './talk.ts';
import type { View } from './views.ts';

export interface RescheduleDeps {
  bookings: Pick<BookingService, 'reschedule'>;
}

/** The dialogue of `bke:reschedule` and `bkr:…`. Its state is the view of its message, so it outlives a restart. */
export function rescheduleHandlers({ bookings }: RescheduleDeps): Composer<BotContext> {
  const composer = new Composer<BotContext>();

  composer.callbackQuery(/^bke:reschedule:(.*)$/s, async (ctx) => {
    const open = await openCard(ctx, bookingIdOf(ctx.match[1]), { current: false });
    if (!open) return;
    const { bounds } = await openMoveCalendar(ctx.tx, open.booking, ctx.now);
    await showView(ctx, open, firstState({ starts_at: open.booking.starts_at, time_zone: bounds.time_zone }));
  });

  composer.callbackQuery(/^bkr:/, async (ctx) => {
    const open = await openDialogue(ctx);
    if (open) await goOn({ ctx, ...open, bookings });
  });
  return composer;
}

interface Dialogue {
  open: OpenCard;
  state: AskingState;
}

/** Null when it has answered by itself: the message shows no dialogue, or shows it no longer. */
async function openDialogue(ctx: CallbackQueryContext<BotContext>): Promise<Dialogue | null> {
  const { message } = ctx.callbackQuery;
  const card = message && (await findShownCard(ctx.tx, { chat_id: message.chat.id, message_id: message.message_id }));
  if (!card) {
    await refuse(ctx, 'dialogue.gone');
    return null;
  }
  const open = await openCard(ctx, card.booking_id, { current: true });
  if (!open) return null;
  const { view, view_expires_at } = open.card;
  const expired = view_expires_at !== null && view_expires_at <= ctx.now;
  if (isAsking(view) && !expired) return { open, state: view };
  if (!isAsking(view) && isDone(view, ctx.callbackQuery.data)) await showView(ctx, open, view);
  else await showOutdated(ctx, open);
  return null;
}

/** A second tap finds that the first has left the dialogue, or moved the booking. */
function isDone(view: View, data: string): boolean {
  const press = pressOf(data)?.kind;
  if (press === 'confirm') return view.kind === 'notification' && view.here === true;
  return press === 'back' || press === 'cancel';
}

interface Press extends Dialogue, RescheduleDeps {
  ctx: CallbackQueryContext<BotContext>;
}

async function goOn(press: Press): Promise<void> {
  const { ctx, open, state } = press;
  const event: DialogueEvent | null = pressOf(ctx.callbackQuery.data);
  if (event?.kind === 'noop') return answer(ctx);
  const calendar = await openMoveCalendar(ctx.tx, open.booking, ctx.now);
  const next = event && step(state, event, calendar.bounds);
  switch (next?.kind) {
    case undefined:
      return await ask(press, await settled(state, calendar), 'card.outdated');
    case 'closed':
      return await showView(ctx, open, { kind: next.to === 'menu' ? 'menu' : 'notification' });
    case 'done':
      return await move(press, calendar);
    case 'choosing_day':
    case 'choosing_time':
    case 'confirming':
      return await ask(press, await settled(next, calendar));
    default:
      next satisfies never;
  }
}

async function settled(state: AskingState, { bounds, timesOf }: MoveCalendar): Promise<Settled> {
  const day = dayOf(state, bounds);
  return settle(state, day === null ? [] : await timesOf(day), bounds);
}

async function ask({ ctx, open }: Press, { state, because }: Settled, otherwise?: SpokenKey): Promise<void> {
  const key = because ? (`dialogue.${because}` as const) : otherwise;
  await showView(ctx, open, state, key && phrase(open, key));
}

/** The time may have been taken since it was offered, or the hours changed. */
async function move(press: Press, calendar: MoveCalendar): Promise<void> {
  const { ctx, open, state, bookings } = press;
  const now = await settled(state, calendar);
  if (now.because || now.state.kind !== 'confirming') return await ask(press, now);
  const starts_at = new Date(now.state.starts_at);
  try {
    const change = { starts_at, allow_overlap: false, notify: true };
    await bookings.reschedule(ctx.tx, open.booking.id, change, initiatorOf(open), ctx.trace);
  } catch (error) {
    if (!(error instanceof BookingRefused)) throw error;
    return await showOutdated(ctx, open);
  }
  await showView(ctx, open, { kind: 'notification', here: true }, phrase(open, 'dialogue.done'));
}

function isAsking(view: View): view is AskingState {
  return view.kind === 'choosing_day' || view.kind === 'choosing_time' || view.kind === 'confirming';
}
