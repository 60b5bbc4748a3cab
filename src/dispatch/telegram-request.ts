import type { DeliveryFacts } from '../db/booking-reads.ts';
import { isOpen } from '../domain/bookings.ts';
import type { BookingEvent } from '../domain/events.ts';
import { confirmationOf } from '../domain/no-show-ladder.ts';
import { type Audience, settingsRole } from '../domain/recipients.ts';
import { adIsShown, settingFor } from '../domain/settings.ts';
import { markedAd } from '../messages/legal-line.ts';
import type { TelegramRequest } from '../messages/message.ts';
import { TELEGRAM_TEXTS } from '../messages/texts.ts';

/**
 * What the message about an event says in Telegram, from the facts as they stand now.
 * @param sentAt decides whether an ad was still valid: one that was sent stays in the message
 */
export function telegramRequest(
  { event, audience, facts }: { event: BookingEvent; audience: Audience; facts: DeliveryFacts },
  { sentAt, now }: { sentAt: Date; now: Date },
): TelegramRequest {
  const recipient_role = settingsRole(audience);
  const setting = settingFor(facts.settings, { event_type: event.type, recipient_role, channel: 'telegram' });
  const template = facts.adTemplates.find(({ id }) => id === setting.ad_template_id);
  const ad = facts.user.ads_opt_out ? undefined : template;
  const { locale } = facts.user;
  return {
    event,
    audience,
    locale,
    booking: facts.booking,
    company_name: facts.company_name,
    ad_html: ad && adIsShown(ad, sentAt) ? markedAd(ad.content_tg, facts.legal, TELEGRAM_TEXTS[locale]) : undefined,
    open: isOpen(facts.state, now),
    confirmation: confirmationOf({ event, audience }, facts.state, facts.ladder),
  };
}
