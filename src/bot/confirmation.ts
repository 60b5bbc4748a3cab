import { Composer } from 'grammy';
import type { BookingService } from '../bookings/booking-service.ts';
import { isConfirmed } from '../domain/bookings.ts';
import type { BotContext } from './bot-context.ts';
import { bookingIdOf, findOpenCard, type OpenCard, phrase, refuse, showOutdated, showView } from './cards.ts';
import { answer } from './talk.ts';

/** `bkc:confirm:{id}:{start_version}`, under the reminder that asks the client whether they come; of another time than the present it is outdated. */
export function confirmationHandlers({
  bookings,
}: {
  bookings: Pick<BookingService, 'confirm'>;
}): Composer<BotContext> {
  const composer = new Composer<BotContext>();

  composer.callbackQuery(/^bkc:confirm:([^:]*):([^:]*)$/, async (ctx) => {
    const open = await findAsClient(ctx, ctx.match[1]);
    if (!open) return;
    const isOfThisStart = bookingIdOf(ctx.match[2]) === open.booking.start_version;
    if (!isOfThisStart || !open.rights.has('reschedule')) return await showOutdated(ctx, open);
    // A second tap, or one beside the booking page: the message is, or is being, edited.
    if (isConfirmed(open.booking)) return answer(ctx);
    await bookings.confirm(ctx.tx, open.booking.id);
    await showView(ctx, open, { kind: 'notification' }, phrase(open, 'card.confirm_done'));
  });

  composer.callbackQuery(/^bkc:/, async (ctx) => {
    await refuse(ctx, 'card.not_found');
  });

  return composer;
}

/** That they come is for the client alone to say. */
async function findAsClient(ctx: BotContext, id: string | undefined): Promise<OpenCard | null> {
  const open = await findOpenCard(ctx, bookingIdOf(id));
  if (!open || (open.audience === 'client' && open.role === 'client')) return open;
  await refuse(ctx, 'card.not_found');
  return null;
}
