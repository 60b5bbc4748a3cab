import type { Account } from '../db/accounts.ts';
import type { QuietHours, QuietKind, QuietSpan } from '../domain/quiet-hours.ts';
import type { InlineButton } from '../messages/message.ts';
import { type Page, wordsOf } from './talk.ts';

/** What the buttons offer; any other hours are set by the API, and shown. */
const PRESETS = ['22-08', '23-07', '21-09'] as const;
const OFF = 'off';

/** In a button, the words of the kinds are short: callback data has 64 bytes (Bot API, InlineKeyboardButton). */
const KINDS: Readonly<Record<string, QuietKind>> = { ads: 'broadcasts', own: 'messages' };
const WORD: Readonly<Record<QuietKind, string>> = { broadcasts: 'ads', messages: 'own' };

/** `bks:quiet:{user}:{kind}` opens a page, `bks:quiet:{user}:{kind}:{choice}` sets what it names, however often it is pressed. */
export const QUIET_BUTTON = /^bks:quiet:(\d{1,10}):(ads|own)(?::(22-08|23-07|21-09|off))?$/;

/** @param word one of those that `QUIET_BUTTON` takes */
export const kindOf = (word: string): QuietKind => KINDS[word] ?? 'broadcasts';

/** The hours after a choice that `QUIET_BUTTON` takes. */
export function chosen(hours: QuietHours, kind: QuietKind, choice: string): QuietHours {
  const [from, to] = choice.split('-');
  return { ...hours, [kind]: choice === OFF ? null : { from: `${from}:00`, to: `${to}:00` } };
}

export const quietButton = (account: Account, kind: QuietKind): InlineButton => ({
  text: wordsOf(account.locale).plain.say(`bot.button_quiet_${kind}`),
  callback_data: `bks:quiet:${account.id}:${WORD[kind]}`,
});

/** One line of the settings: when ads, or messages, are quiet. */
export function quietLine({ locale, quiet_hours }: Account, kind: QuietKind): string {
  const { texts } = wordsOf(locale);
  const span = quiet_hours[kind];
  return span === null ? texts.say(`bot.quiet_${kind}_off`) : texts.say(`bot.quiet_${kind}_on`, hoursOf(span));
}

/** Where one kind is set. */
export function quietPage(account: Account, kind: QuietKind): Page {
  const { id, locale, quiet_hours, quiet_zone } = account;
  const { texts, plain } = wordsOf(locale);
  const span = quiet_hours[kind];
  const button = (choice: string, text: string, isChosen: boolean): InlineButton => ({
    text: isChosen ? `✅ ${text}` : text,
    callback_data: `bks:quiet:${id}:${WORD[kind]}:${choice}`,
  });
  const presets = PRESETS.map((preset) => {
    const offered = chosen(quiet_hours, kind, preset)[kind];
    const isChosen = span !== null && offered?.from === span.from && offered.to === span.to;
    return button(preset, preset.replace('-', '–'), isChosen);
  });
  return {
    html: [
      quietLine(account, kind),
      texts.say(`bot.quiet_${kind}_meaning`),
      texts.say('bot.quiet_zone', { zone: quiet_zone }),
    ].join('\n\n'),
    keyboard: [
      presets,
      [button(OFF, plain.say('bot.button_quiet_off'), span === null)],
      [{ text: plain.say('bot.button_back_to_settings'), callback_data: `bks:open:${id}` }],
    ],
  };
}

const hoursOf = ({ from, to }: QuietSpan) => ({ from, to });
