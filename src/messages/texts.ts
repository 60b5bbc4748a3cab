import { createInstance } from 'i18next';
import { type BookingEvent, LOCALES, type Locale } from '../domain/events.ts';
import { escapeTelegramHtml } from './escape-html.ts';
import { en } from './locales/en.ts';
import { ru, type TextKey } from './locales/ru.ts';
import { displayText } from './user-text.ts';
import { formatVenueTime } from './venue-time.ts';

/** Keys as they are asked for: a text with plural forms by its bare name. */
export type SpokenKey = TextKey extends infer K ? (K extends `${infer Bare}_${Intl.LDMLPluralRule}` ? Bare : K) : never;

/** One language's words. */
export interface Texts {
  /**
   * Every value is made presentable on its way in. The value `count` picks the plural form (`key_one`, `key_few`, …); `by`
   * picks the wording for a change made in that role, where there is one.
   * @throws {Error} a value that the text names is missing.
   */
  say(key: SpokenKey, values?: Record<string, string | number>, by?: BookingEvent['initiated_by']['role']): string;
  /** The venue's local date and time. */
  time(at: Date, timeZone: string): string;
}

/** i18next appends the context to the key, and falls back to the bare key. */
function createCatalogue(present: (value: string) => string) {
  const catalogue = createInstance({
    resources: { ru: { translation: ru }, en: { translation: en } },
    supportedLngs: [...LOCALES],
    fallbackLng: false,
    initAsync: false,
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escape: present },
    missingInterpolationHandler: (text: string, match: RegExpExecArray) => {
      throw new Error(`the text "${text}" lacks a value for ${match[0]}`);
    },
  });
  // Done when it returns: the resources are at hand and initAsync is off.
  void catalogue.init();
  return catalogue;
}

type TextsByLocale = Readonly<Record<Locale, Texts>>;

function createTexts(present: (value: string) => string): TextsByLocale {
  const catalogue = createCatalogue(present);
  const inLocale = (locale: Locale): Texts => ({
    // Not getFixedT: it copies all options at every call, which takes longer than the translation itself.
    say(key, values = {}, by) {
      const plural = typeof values.count === 'number' ? { count: values.count } : {};
      return catalogue.t(key, { lng: locale, replace: values, nest: false, context: by ?? '', ...plural });
    },
    time: (at, timeZone) => formatVenueTime(at, timeZone, locale),
  });
  return { ru: inLocale('ru'), en: inLocale('en') };
}

/** Telegram HTML: the values are escaped. */
export const TELEGRAM_TEXTS = createTexts((value) => escapeTelegramHtml(displayText(value)));

/** For what is shown as it stands. */
export const PLAIN_TEXTS = createTexts(displayText);
