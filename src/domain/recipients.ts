import {
  type BookingEvent,
  type BookingState,
  CHANNELS,
  type Channel,
  RECIPIENT_ROLES,
  type RecipientRole,
} from './events.ts';
import { type SettingRule, settingFor } from './settings.ts';

/** The places someone may have in a booking. `former_specialist` lost it by the very change that is told. */
export const AUDIENCES = [...RECIPIENT_ROLES, 'former_specialist'] as const;
export type Audience = (typeof AUDIENCES)[number];

export interface Person {
  id: number;
  role: RecipientRole;
  /** Negative for the group of a company's admins, which is a user of their role (Bot API, Chat: `id`). */
  tg_id: number | null;
  /** Null while Telegram reaches them. */
  telegram_unreachable: string | null;
}

/** What decides of an event; who had the booking before a change and who has it since is all that counts of the change. */
export interface SelectionEvent extends Pick<BookingEvent, 'type' | 'initiated_by' | 'only_user' | 'step'> {
  change?: { from: Pick<BookingState, 'specialist_id'> | null; to: Pick<BookingState, 'specialist_id'> } | undefined;
}

export interface SelectionRequest {
  event: SelectionEvent;
  /** The booking as it stands now. */
  booking: { client_id: number; specialist_id: number };
  /**
   * Users of the booking's company: all admins, the booking's client and specialist, the specialists it was taken
   * from and given to, and the initiator where known (users who share a Telegram account are one person).
   */
  users: readonly Person[];
  /** The company's rows. */
  settings: readonly SettingRule[];
}

export interface Recipient {
  user_id: number;
  audience: Audience;
  /** The channels that the settings leave open; never empty. */
  channels: Channel[];
  /** The user's next place: they hear in it when the message for this one is superseded. */
  otherwise?: Recipient;
}

export interface ExcludedUser {
  user_id: number;
  /** The nearest place the user stands in. */
  audience: Audience;
  reason: 'initiator' | 'other_step' | 'setting_off' | 'heard_in_nearer_role' | 'heard_in_group';
}

/** Every user with a place in the booking is in exactly one of the two lists, once; of an event for one person, they alone. */
export interface Selection {
  chosen: Recipient[];
  excluded: ExcludedUser[];
}

/** The settings know three roles: who lost a booking is looked up as a specialist. */
export function settingsRole(audience: Audience): RecipientRole {
  return audience === 'former_specialist' ? 'specialist' : audience;
}

/**
 * Decides who hears of an event; both lists go from the client to the admins. Whom a change moved is known from the event
 * alone, so that a repeated plan knows the same people; whether it still holds for them is asked when it is sent.
 */
export function selectRecipients(request: SelectionRequest): Selection {
  const chosen: Recipient[] = [];
  const excluded: ExcludedUser[] = [];
  /** By person, their farthest place so far. */
  const heard = new Map<string, Recipient>();
  const isInitiator = initiatorTest(request);
  const groupListens = request.users.some((user) => isGroup(user) && user.telegram_unreachable === null);
  for (const place of places(request)) {
    const { user_id, audience, person } = place;
    const channels = openChannels(request, audience);
    const nearer = heard.get(person);
    if (isInitiator(place) && !isOwnConfirmation(request.event, audience))
      excluded.push({ user_id, audience, reason: 'initiator' });
    else if (isOtherStep(request.event, audience)) excluded.push({ user_id, audience, reason: 'other_step' });
    else if (channels.length === 0) excluded.push({ user_id, audience, reason: 'setting_off' });
    else if (groupListens && mayHearInGroup(place) && channels.includes('telegram'))
      excluded.push({ user_id, audience, reason: 'heard_in_group' });
    else if (nearer && nearer.user_id !== user_id) excluded.push({ user_id, audience, reason: 'heard_in_nearer_role' });
    else {
      const recipient: Recipient = { user_id, audience, channels };
      if (nearer) nearer.otherwise = recipient;
      else chosen.push(recipient);
      heard.set(person, recipient);
    }
  }
  return onlyFor(request.event.only_user, { chosen, excluded: oncePerUser(excluded, chosen) });
}

function onlyFor(userId: number | undefined, { chosen, excluded }: Selection): Selection {
  if (userId === undefined) return { chosen, excluded };
  const isTheirs = (place: { user_id: number }) => place.user_id === userId;
  return { chosen: chosen.filter(isTheirs), excluded: excluded.filter(isTheirs) };
}

/** One place of one user in the booking; a user may stand in several. */
interface Place {
  user_id: number;
  audience: Audience;
  person: string;
  tg_id: number | null;
}

/** Nearest to the booking first, so that the first place in which a person may hear is theirs. */
function places({ event, booking, users }: SelectionRequest): Place[] {
  const specialistId = toldSpecialistId(event, booking);
  const formerId = formerSpecialistId(event);
  const inPlace = (audience: Audience, stands: (user: Person) => boolean): Place[] =>
    users.filter(stands).map((user) => ({ user_id: user.id, audience, person: personKey(user), tg_id: user.tg_id }));
  return [
    ...inPlace('client', (user) => user.id === booking.client_id),
    ...inPlace('specialist', (user) => user.id === specialistId),
    ...inPlace('former_specialist', (user) => user.id === formerId),
    ...inPlace('admin', (user) => user.role === 'admin'),
  ];
}

/** A change is for the one it left the booking with: to whoever has it since, another event says so. */
function toldSpecialistId({ type, change }: SelectionEvent, booking: SelectionRequest['booking']): number {
  switch (type) {
    case 'booking_created':
    case 'booking_rescheduled':
      return change?.to.specialist_id ?? booking.specialist_id;
    case 'booking_cancelled':
    case 'booking_reminder':
    case 'booking_unconfirmed':
      return booking.specialist_id;
    default:
      return type satisfies never;
  }
}

function formerSpecialistId({ type, change }: SelectionEvent): number | undefined {
  if (type !== 'booking_rescheduled' || !change?.from) return undefined;
  return change.from.specialist_id === change.to.specialist_id ? undefined : change.from.specialist_id;
}

function personKey(user: Person): string {
  return user.tg_id === null ? `user:${user.id}` : `telegram:${user.tg_id}`;
}

function isGroup({ tg_id }: { tg_id: number | null }): boolean {
  return tg_id !== null && tg_id < 0;
}

/** Admins with Telegram; the others keep Web Push, and places nearer to the booking are one's own. */
function mayHearInGroup(place: Place): boolean {
  return place.audience === 'admin' && place.tg_id !== null && !isGroup(place);
}

/** A group hears of what one of its members did: the others in it did not do it. */
function initiatorTest({ event, users }: SelectionRequest): (place: Place) => boolean {
  const initiatorId = event.initiated_by.user_id;
  const initiator = users.find((user) => user.id === initiatorId);
  const person = initiator && personKey(initiator);
  return (place) => !isGroup(place) && (place.user_id === initiatorId || place.person === person);
}

/** A client who books gets a confirmation: not an echo of their own act, but the proof that it took effect. */
function isOwnConfirmation(event: SelectionEvent, audience: Audience): boolean {
  return event.type === 'booking_created' && audience === 'client';
}

/** Whether the client is reminded to confirm, or others hear that they did not. */
function isOtherStep({ type, step }: SelectionEvent, audience: Audience): boolean {
  if (type !== 'booking_unconfirmed' || step === undefined) return false;
  return (audience === 'client') !== (step === 'push');
}

/** In Telegram the client was asked already, by the reminder; a second message there would only repeat it. */
function mayUse(channel: Channel, { type }: SelectionEvent, audience: Audience): boolean {
  return channel === 'web_push' || type !== 'booking_unconfirmed' || audience !== 'client';
}

function openChannels({ event, settings }: SelectionRequest, audience: Audience): Channel[] {
  const recipient_role = settingsRole(audience);
  return CHANNELS.filter(
    (channel) =>
      mayUse(channel, event, audience) &&
      settingFor(settings, { event_type: event.type, recipient_role, channel }).enabled,
  );
}

function oncePerUser(excluded: readonly ExcludedUser[], chosen: readonly Recipient[]): ExcludedUser[] {
  const listed = new Set(chosen.map(({ user_id }) => user_id));
  return excluded.filter(({ user_id }) => {
    if (listed.has(user_id)) return false;
    listed.add(user_id);
    return true;
  });
}
