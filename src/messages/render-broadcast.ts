import type { Locale } from '../domain/events.ts';
import { stopAdsButton } from './ads-buttons.ts';
import { type AdMarking, legalLine } from './legal-line.ts';
import type { TelegramMessage } from './message.ts';
import { withAd } from './render-booking-message.ts';
import { PLAIN_TEXTS, TELEGRAM_TEXTS } from './texts.ts';

export interface BroadcastRequest {
  locale: Locale;
  /** The recipient. */
  user_id: number;
  /** As `checkBroadcastHtml` allows it. */
  tg_html: string;
  /** Telegram HTML of an ad that is active and valid now. */
  ad_html?: string | undefined;
  legal: AdMarking;
  /** Said above all else to those who hear of several companies; null for the others. */
  company_name: string | null;
}

/** A company's broadcast for one person. An ad that has grown too long for it since it was checked is left out. */
export function renderBroadcast(request: BroadcastRequest): TelegramMessage {
  const { locale, user_id, tg_html, ad_html, legal } = request;
  return {
    html: withAd(request, { above: [tg_html], ad_html, below: [legalLine(legal, TELEGRAM_TEXTS[locale])] }),
    keyboard: [[stopAdsButton(user_id, PLAIN_TEXTS[locale])]],
  };
}
