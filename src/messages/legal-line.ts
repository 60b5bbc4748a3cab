import type { Texts } from './texts.ts';

/** What the law wants said under a company's ads; null for nothing. */
export interface AdMarking {
  ad_advertiser: string | null;
  /** The token under which the ads are registered (in Russia `erid`). */
  ad_marking_token: string | null;
}

/** The line under each ad of the company, values escaped as `texts` does it; null where there is nothing to say. */
export function legalLine({ ad_advertiser: name, ad_marking_token: token }: AdMarking, texts: Texts): string | null {
  if (name === null) return token === null ? null : texts.say('ad.legal_token', { token });
  if (token === null) return texts.say('ad.legal_name', { name });
  // A name such as «ИП Иванов И. И.» brings the full stop along.
  return texts.say('ad.legal', { name: name.trimEnd().replace(/\.$/, ''), token });
}

/** The ad as it stands in a message, its legal line below. */
export function markedAd(ad_html: string, marking: AdMarking, texts: Texts): string {
  const line = legalLine(marking, texts);
  return line === null ? ad_html : `${ad_html}\n\n${line}`;
}
