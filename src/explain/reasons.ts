import { OUTCOME_UNKNOWN } from '../domain/broadcasts.ts';
import type { ExcludedUser } from '../domain/recipients.ts';

/** Why people with a place in a booking are left out from the start. */
export const EXCLUSIONS: Readonly<Record<ExcludedUser['reason'], string>> = {
  initiator: 'they made the change themselves, and nobody is told of their own act',
  other_step: 'this step of the no-show ladder is for others: first the client is reminded, then somebody calls them',
  setting_off: "the company's settings are off for this event and this role",
  heard_in_nearer_role: 'the same person is told in a role that is nearer to the booking',
  heard_in_group: "the company's admins hear of it in their Telegram group",
};

export const isExclusion = (reason: string | null): reason is ExcludedUser['reason'] =>
  reason !== null && Object.hasOwn(EXCLUSIONS, reason);

const SUPPRESSIONS: Readonly<Record<string, string>> = {
  ...EXCLUSIONS,
  superseded: 'the booking had changed again before it was their turn, so the message would have been wrong',
  moved_back: 'the moves had led back to where they knew the booking to be, so there was nothing to tell',
  confirmed: 'the client had confirmed before it was their turn',
  client_erased: 'the client had been erased, so there was nobody to ask whether they come',
  nearer_reminder: 'it was held up until a reminder nearer to the start went, or was due, which says the same',
  sent_early: 'they were reminded before their quiet hours, into which this one fell, or that reminder was on its way',
  too_late: 'the booking had begun, or the day was over, before it was their turn, so there was nothing left to tell',
  not_today: 'it is the list of a day that has not begun there',
  no_bookings: 'no booking was left of their day when it was their turn',
  deleted: 'the user had been deleted or erased',
  no_channel: 'they have neither Telegram nor a subscribed browser on a channel that the settings leave open',
  no_push_content: 'they have browsers only, and the broadcast has no text for Web Push',
  opted_out: 'they do not want ads',
  quiet_hours: 'they had quiet hours until after the ad was of use',
  no_longer_concerned: 'they had lost their place in the booking when the dead letter was replayed',
};

const UNREACHABLE: Readonly<Record<string, string>> = {
  blocked: 'they have blocked the bot',
  deactivated: 'their Telegram account is deleted',
  chat_not_found: 'Telegram knows no chat with them: they have never started the bot',
  stopped: 'they have switched the messages off with /stop',
  web_push_404: 'their browser subscriptions have ended',
  web_push_410: 'their browser subscriptions have ended',
  web_push_foreign_key: 'their browser subscribed with other VAPID keys than those of now',
  web_push_refused: 'their browser subscription names a push service that is not allowed here',
};

const PREFIX = 'unreachable:';

/** The reason of a suppressed delivery in words that continue "because". */
export function suppressionWords(reason: string | null): string {
  if (reason === null) return 'of a reason that was not written down';
  const known = SUPPRESSIONS[reason];
  if (known !== undefined) return known;
  return reason.startsWith(PREFIX)
    ? reason.slice(PREFIX.length).split(',').map(unreachableWords).join(', and ')
    : reason;
}

export const unreachableWords = (code: string): string =>
  UNREACHABLE[code] ?? `the channel refuses them for good (${code})`;

/** The reason of a dead delivery, `code: message`, in a sentence. */
export function failureWords(reason: string | null): string {
  if (reason === null) return 'The reason was not written down.';
  if (reason.startsWith(`${OUTCOME_UNKNOWN}:`))
    return `The connection broke before the answer came, so it may have arrived, and it is not repeated ("${reason}").`;
  return `The last answer was "${reason}".`;
}
