import { renderMessage } from './message-view.js';
import { LANGUAGE, WORDS } from './words.js';

const MAX_PHONES = 24;
const MAX_MESSAGES = 200;
const TOAST_MS = 4000;
/** How long a pressed button may go unanswered before the page says so. */
const ANSWER_MS = 3000;
const AVATAR_COLOURS = 7;

const byId = (id) => document.getElementById(id);
/** Chat id → phone. */
const phones = new Map();
let command = '';

document.documentElement.lang = LANGUAGE;
for (const part of document.querySelectorAll('[data-words]')) part.textContent = WORDS[part.dataset.words];
byId('switcher').setAttribute('aria-label', WORDS.phones);
byId('command-copy').addEventListener('click', copyCommand);
listen();

function listen() {
  showConnection('connecting');
  const events = new EventSource('/sandbox/events');
  const on = (type, handle) => events.addEventListener(type, (event) => handle(JSON.parse(event.data)));
  events.addEventListener('open', () => showConnection('online'));
  events.addEventListener('error', () => showConnection('offline'));
  on('state', showState);
  on('chat', ({ chat }) => showChat(chat));
  on('message', ({ chat_id, message }) => phones.get(chat_id)?.show(message));
  on('callback_answer', ({ chat_id, text, show_alert }) => phones.get(chat_id)?.answered(text, show_alert));
}

function showConnection(state) {
  byId('connection').textContent = WORDS[state];
  byId('connection').dataset.state = state;
}

function showState(state) {
  command = state.command;
  byId('command').hidden = command === '';
  byId('command-text').textContent = command;
  byId('command').open = state.chats.every(({ messages }) => messages.length === 0);
  byId('phones').dataset.empty = state.chats.length === 0 ? WORDS.noPhones : '';
  const known = new Set(state.chats.map(({ id }) => id));
  for (const [id, phone] of phones) if (!known.has(id)) phone.remove();
  for (const { messages, ...chat } of state.chats) {
    const phone = showChat(chat);
    phone?.clear();
    for (const message of messages) phone?.show(message);
  }
  // Every added phone and message may have changed the height of all the others.
  for (const phone of phones.values()) phone.scrollToEnd();
}

function showChat(chat) {
  if (!phones.has(chat.id) && phones.size < MAX_PHONES) {
    phones.set(chat.id, createPhone(chat.id));
    byId('phones').dataset.empty = '';
  }
  const phone = phones.get(chat.id);
  phone?.describe(chat);
  return phone;
}

async function copyCommand() {
  await navigator.clipboard.writeText(command);
  byId('command-copy').textContent = WORDS.copied;
}

/** One chat, as the phone of its user shows it. */
function createPhone(chatId) {
  const section = byId('phone').content.firstElementChild.cloneNode(true);
  const part = (selector) => section.querySelector(selector);
  const log = part('.log');
  const input = part('input');
  const chip = document.createElement('a');
  section.id = `chat-${chatId}`;
  chip.href = `#chat-${chatId}`;
  byId('phones').append(section);
  byId('switcher').append(chip);
  log.tabIndex = 0;
  input.placeholder = WORDS.write;
  input.setAttribute('aria-label', WORDS.write);
  part('.send').setAttribute('aria-label', WORDS.send);
  part('.block').title = WORDS.block;
  part('.block').setAttribute('aria-label', WORDS.block);

  const act = async (action, body) => {
    const response = await fetch(`/sandbox/chats/${chatId}/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }).catch(() => null);
    if (!response) toast(WORDS.offline);
    else if (!response.ok) toast((await response.json()).error);
    return response?.ok ?? false;
  };
  part('.block').addEventListener('click', () => act('block', {}));
  part('.unblock').addEventListener('click', () => act('unblock', {}));
  part('.write').addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text !== '' && (await act('messages', { text }))) input.value = '';
  });

  let toastTimer;
  function toast(text, stay = false) {
    const box = part('.toast');
    clearTimeout(toastTimer);
    box.textContent = text;
    box.hidden = false;
    if (stay) {
      const close = document.createElement('button');
      close.type = 'button';
      close.textContent = WORDS.close;
      close.addEventListener('click', () => {
        box.hidden = true;
      });
      box.append(close);
    } else {
      toastTimer = setTimeout(() => {
        box.hidden = true;
      }, TOAST_MS);
    }
  }

  let answerTimer;
  const press = async (message_id, data) => {
    clearTimeout(answerTimer);
    answerTimer = setTimeout(() => toast(WORDS.noAnswer), ANSWER_MS);
    if (!(await act('buttons', { message_id, data }))) clearTimeout(answerTimer);
  };
  const scrollToEnd = () => {
    log.scrollTop = log.scrollHeight;
  };

  const showEmpty = () => {
    part('.empty').hidden = log.childElementCount > 0;
    part('.empty').textContent = command === '' ? WORDS.emptyNoCommand : WORDS.empty;
  };

  return {
    scrollToEnd,
    answered(text, stay) {
      clearTimeout(answerTimer);
      if (text) toast(text, stay);
    },
    describe({ name, caption, blocked, deactivated, language_code }) {
      const role = WORDS.roles[caption] ?? caption;
      part('.name').textContent = name;
      part('.role').textContent = [deactivated ? WORDS.deactivated : role, language_code].filter(Boolean).join(' · ');
      part('.avatar').textContent = initialsOf(name);
      part('.avatar').dataset.colour = Math.abs(chatId) % AVATAR_COLOURS;
      section.setAttribute('aria-label', `${name}, ${role}`);
      log.setAttribute('aria-label', WORDS.messagesOf(name));
      chip.textContent = name;
      part('.block').hidden = blocked || deactivated;
      part('.write').hidden = blocked || deactivated;
      part('.unblock').hidden = !blocked || deactivated;
      part('.unblock').textContent = WORDS.unblock;
      showEmpty();
    },
    show(message) {
      const shown = log.querySelector(`[data-message-id="${message.message_id}"]`);
      const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
      if (message.deleted) shown?.remove();
      else {
        const view = renderMessage(message, (data) => press(message.message_id, data));
        if (shown) shown.replaceWith(view);
        else log.append(view);
        if (log.childElementCount > MAX_MESSAGES) log.firstElementChild.remove();
        if (atEnd || !shown) scrollToEnd();
      }
      showEmpty();
    },
    clear() {
      log.replaceChildren();
      showEmpty();
    },
    remove() {
      section.remove();
      chip.remove();
      phones.delete(chatId);
    },
  };
}

const initialsOf = (name) =>
  name
    .split(' ')
    .slice(0, 2)
    .map((word) => [...word][0] ?? '')
    .join('');
