import { openOutside } from './outside-link.js';
import { LANGUAGE, WORDS } from './words.js';

const CLOCK = new Intl.DateTimeFormat(LANGUAGE, { hour: '2-digit', minute: '2-digit', hour12: false });
const FULL_TIME = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'long', timeStyle: 'medium' });

/**
 * One message as Telegram shows it. Text only ever becomes text nodes.
 * @param message what the simulator sent
 * @param onPress called with the callback data of a pressed button
 */
export function renderMessage(message, onPress) {
  const item = element('article', `message ${message.outgoing ? 'from-bot' : 'from-user'}`);
  item.dataset.messageId = message.message_id;
  const bubble = element('div', 'bubble');
  const text = element('div', 'text');
  text.dir = 'auto';
  appendFormatted(text, message.text, message.entities ?? [], 0, message.text.length);
  text.append(renderTime(message));
  bubble.append(text);
  item.append(bubble);
  if (message.reply_markup) {
    item.classList.add('with-keys');
    item.append(renderKeyboard(message.reply_markup.inline_keyboard, onPress));
  }
  return item;
}

function renderTime({ date, edit_date, silent }) {
  const time = element('time', 'time');
  const sent = new Date(date * 1000);
  time.dateTime = sent.toISOString();
  time.title = FULL_TIME.format(sent);
  time.textContent = edit_date ? `${WORDS.edited} ${CLOCK.format(sent)}` : CLOCK.format(sent);
  if (silent) time.prepend(renderMuted());
  return time;
}

function renderMuted() {
  const bell = element('span', 'muted');
  bell.textContent = '🔕 ';
  bell.title = WORDS.silent;
  return bell;
}

function renderKeyboard(rows, onPress) {
  const keyboard = element('div', 'keyboard');
  for (const row of rows) {
    const line = element('div', 'keyboard-row');
    for (const button of row) line.append(renderButton(button, onPress));
    keyboard.append(line);
  }
  return keyboard;
}

function renderButton({ text, url, callback_data }, onPress) {
  if (url) {
    const link = element('a', 'key');
    link.textContent = `${text} ↗`;
    return openOutside(link, url);
  }
  const button = element('button', 'key');
  button.type = 'button';
  button.textContent = text;
  button.disabled = !callback_data;
  button.addEventListener('click', () => onPress(callback_data));
  return button;
}

/** Appends the text from `start` to `end`; `entities` are sorted, the outer before the inner. */
function appendFormatted(parent, text, entities, start, end) {
  let position = start;
  for (let i = 0; i < entities.length; i++) {
    const entity = entities[i];
    const entityEnd = Math.min(entity.offset + entity.length, end);
    if (entity.offset < position || entity.offset >= end) continue;
    parent.append(text.slice(position, entity.offset));
    const inner = entities.slice(i + 1).filter(({ offset }) => offset < entityEnd);
    const content = elementOf(entity);
    appendFormatted(content, text, inner, entity.offset, entityEnd);
    parent.append(content);
    position = entityEnd;
  }
  parent.append(text.slice(position, end));
}

const TAGS = { bold: 'strong', italic: 'em', underline: 'u', strikethrough: 's', code: 'code', pre: 'pre' };

function elementOf(entity) {
  switch (entity.type) {
    case 'text_link':
      return openOutside(element('a'), entity.url);
    case 'spoiler':
      return renderSpoiler();
    case 'blockquote':
    case 'expandable_blockquote':
      return element('blockquote');
    case 'text_mention':
    case 'bot_command':
      return element('span', 'mention');
    default:
      return element(TAGS[entity.type] ?? 'span');
  }
}

function renderSpoiler() {
  const spoiler = element('button', 'spoiler');
  spoiler.type = 'button';
  spoiler.title = WORDS.spoiler;
  spoiler.addEventListener('click', () => spoiler.classList.add('shown'));
  return spoiler;
}

function element(tag, className = '') {
  const created = document.createElement(tag);
  if (className) created.className = className;
  return created;
}
