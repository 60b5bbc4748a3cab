import { type Account, accountsOf } from '../db/accounts.ts';
import { findBooking } from '../db/booking-rows.ts';
import { saveCard } from '../db/cards.ts';
import type { BookingRow } from '../db/entities.ts';
import type { Initiator, RecipientRole } from '../domain/events.ts';
import { type BookingRight, rightsIn } from '../domain/permissions.ts';
import type { Audience } from '../domain/recipients.ts';
import { PLAIN_TEXTS, type SpokenKey } from '../messages/texts.ts';
import type { BotContext } from './bot-context.ts';
import { drawingOf, findShownCard, type ShownCard } from './card-drawing.ts';
import { answer, readerOf } from './talk.ts';
import { renderView } from './view-renderers.ts';
import type { ReturnTo, View } from './views.ts';

/** How long a question or a dialogue stays open; then its message shows the booking again. */
const VIEW_TTL_MS = 15 * 60_000;
/** PostgreSQL's INTEGER, which ids are. */
const MAX_ID = 2_147_483_647;

/** The card whose button was pressed, and who pressed it. */
export interface OpenCard {
  card: ShownCard;
  account: Account;
  /** In which they stand to the booking; their own one where it has left them. */
  role: RecipientRole;
  rights: ReadonlySet<BookingRight>;
  audience: Audience;
  /** As it stands now. */
  booking: BookingRow;
  /** The message was remembered; else a button has just made it a card. */
  known: boolean;
}

/** Who is behind what the pressed button does. */
export function initiatorOf({ account, role }: OpenCard): Initiator {
  return { user_id: account.id, role, channel: 'tg_bot' };
}

/** Strictly an id; null for what no button of ours holds. */
export function bookingIdOf(text: string | undefined): number | null {
  if (text === undefined || !/^[1-9]\d{0,9}$/.test(text)) return null;
  const id = Number(text);
  return id <= MAX_ID ? id : null;
}

/**
 * For what needs a booking that may still be changed. Null when it has answered by itself: not theirs (nothing is revealed),
 * or outdated (redrawn).
 * @param wanted.current the message must show the booking's version of now, as for what acts on it
 */
export async function openCard(
  ctx: BotContext,
  bookingId: number | null,
  wanted: { current: boolean; returnTo?: ReturnTo },
): Promise<OpenCard | null> {
  const open = await findOpenCard(ctx, bookingId, wanted.returnTo);
  if (!open) return null;
  if (open.rights.has('reschedule') && (isCurrent(open) || !wanted.current)) return open;
  await showOutdated(ctx, open);
  return null;
}

/** What its reader saw when they pressed is how the booking stands. */
export const isCurrent = ({ known, card, booking }: OpenCard): boolean => known && card.version === booking.version;

/** Whatever may be done with the booking; null when it has answered that there is no such booking. */
export async function findOpenCard(
  ctx: BotContext,
  bookingId: number | null,
  returnTo: ReturnTo = 'card',
): Promise<OpenCard | null> {
  const message = ctx.callbackQuery?.message;
  const booking = message && bookingId !== null ? await findBooking(ctx.tx, bookingId) : null;
  const open = message && booking ? await openFor(ctx, booking, returnTo) : null;
  if (!open) await refuse(ctx, 'card.not_found');
  return open;
}

/** Says that the button was pressed too late, and shows how the booking stands. */
export async function showOutdated(ctx: BotContext, open: OpenCard): Promise<void> {
  await showView(ctx, open, { kind: 'notification' }, phrase(open, 'card.outdated'));
}

/** Draws the view into the message and remembers it, with the booking as it stands now. Answers the button, silently by default. */
export async function showView(ctx: BotContext, open: OpenCard, view: View, said = ''): Promise<void> {
  const { chat_id, message_id } = open.card;
  // The handler may have changed the booking, and with it the card.
  const known = await findShownCard(ctx.tx, open.card);
  const card = known?.booking_id === open.card.booking_id ? known : open.card;
  const drawing = await drawingOf(ctx.tx, card, ctx.now);
  if (!drawing) return await refuse(ctx, 'card.not_found');
  const shown = view.kind === 'notification' && card.view.kind === 'notification' ? { ...card.view, ...view } : view;
  const content = await renderView(drawing, shown);
  answer(ctx, said);
  ctx.respond({ kind: 'edit', chat_id, message_id, ...content });
  const { told, ...row } = card;
  await saveCard(ctx.tx, {
    ...row,
    event: told && JSON.stringify(told),
    view: JSON.stringify(shown),
    version: drawing.facts.state.version,
    stale: false,
    view_expires_at: isLasting(view) ? null : new Date(ctx.now.getTime() + VIEW_TTL_MS),
  });
}

/** In the language of who pressed. */
export const phrase = ({ account }: OpenCard, key: SpokenKey): string => PLAIN_TEXTS[account.locale].say(key);

/** Answers the button, and shows nothing. */
export async function refuse(ctx: BotContext, key: SpokenKey): Promise<void> {
  answer(ctx, (await readerOf(ctx)).plain.say(key));
}

const isLasting = ({ kind }: View): boolean => kind === 'notification' || kind === 'menu';

async function openFor(ctx: BotContext, booking: BookingRow, returnTo: ReturnTo): Promise<OpenCard | null> {
  const message = ctx.callbackQuery?.message;
  if (!ctx.from || !message) return null;
  const place = { chat_id: message.chat.id, message_id: message.message_id };
  const found = await findShownCard(ctx.tx, place);
  // A list's message becomes the card of whichever booking is opened from it; a notification stays what it is.
  const known = found?.booking_id === booking.id ? found : null;
  if (found?.told && !known) return null;
  const people = await peopleOf(ctx, { pressedBy: ctx.from.id, chatId: place.chat_id, booking, known });
  if (!people) return null;
  const { account, holder } = people;
  const standing = rightsIn(account, booking, ctx.now);
  if (!standing && !known) return null;
  const role = standing?.role ?? account.role;
  const audience = known?.audience ?? (holder.id === account.id ? role : 'admin');
  // Lists are a person's own, so a group has none to go back to.
  const return_to = holder.id === account.id ? returnTo : 'card';
  const card = known ?? newCard(ctx, { ...place, booking, user_id: holder.id, audience, return_to });
  const rights: OpenCard['rights'] = standing?.rights ?? new Set();
  return { card, account, role, rights, audience, booking, known: known !== null };
}

interface Press {
  pressedBy: number;
  chatId: number;
  booking: BookingRow;
  known: ShownCard | null;
}

/**
 * Who pressed, and for whom the message is: the same person in their own chat; in a group one of the company's admins, and the
 * group. Null where the booking is none of their business, or not of that chat's.
 */
async function peopleOf(ctx: BotContext, press: Press): Promise<{ account: Account; holder: Account } | null> {
  const { pressedBy, chatId, booking, known } = press;
  const ofCompany = ({ company_id }: Account): boolean => company_id === booking.company_id;
  const own = (await accountsOf(ctx.tx, pressedBy)).filter(ofCompany);
  if (chatId === pressedBy) {
    const account = known ? own.find(({ id }) => id === known.user_id) : nearestTo(booking, own, ctx.now);
    return account ? { account, holder: account } : null;
  }
  const holder = (await accountsOf(ctx.tx, chatId)).find(ofCompany);
  const account = own.find(({ role }) => role === 'admin');
  if (!holder || !account || (known && known.user_id !== holder.id)) return null;
  return { account, holder };
}

/** One Telegram account may be several users of a company. */
function nearestTo(booking: BookingRow, users: readonly Account[], now: Date): Account | undefined {
  const inRole = (role: RecipientRole) => users.find((user) => rightsIn(user, booking, now)?.role === role);
  return inRole('client') ?? inRole('specialist') ?? inRole('admin');
}

function newCard(
  { now }: BotContext,
  given: Pick<ShownCard, 'chat_id' | 'message_id' | 'user_id' | 'audience' | 'return_to'> & { booking: BookingRow },
): ShownCard {
  const { booking, ...place } = given;
  const { id: booking_id, company_id, version } = booking;
  const state = { told: null, view: { kind: 'notification' as const }, version, stale: false };
  return { ...place, ...state, booking_id, company_id, sent_at: now, view_expires_at: null };
}
