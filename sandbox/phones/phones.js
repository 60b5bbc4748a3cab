import { createPhone } from './phone.js';
import { createPushPhone } from './push-phone.js';
import { LANGUAGE, WORDS } from './words.js';

const MAX_PHONES = 24;

const byId = (id) => document.getElementById(id);
/** Chat id → phone with Telegram. */
const phones = new Map();
/** Id → phone with a browser that gets pushes. */
const pushPhones = new Map();
let commands = [];
const hasCommand = () => commands.length > 0;

document.documentElement.lang = LANGUAGE;
for (const part of document.querySelectorAll('[data-words]')) part.textContent = WORDS[part.dataset.words];
byId('switcher').setAttribute('aria-label', WORDS.phones);
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
  on('push_phone', ({ push_phone }) => showPushPhone(push_phone));
}

function showConnection(state) {
  byId('connection').textContent = WORDS[state];
  byId('connection').dataset.state = state;
}

function showState(state) {
  const isQuiet =
    state.chats.every(({ messages }) => messages.length === 0) &&
    state.push_phones.every(({ notifications }) => notifications.length === 0);
  showCommands(state.commands, isQuiet);
  byId('phones').dataset.empty = state.chats.length === 0 ? WORDS.noPhones : '';
  removeOthers(phones, state.chats);
  removeOthers(pushPhones, state.push_phones);
  for (const { messages, ...chat } of state.chats) {
    const phone = showChat(chat);
    phone?.clear();
    for (const message of messages) phone?.show(message);
  }
  for (const phone of state.push_phones) showPushPhone(phone);
  // Every added phone and message may have changed the height of all the others.
  for (const phone of phones.values()) phone.scrollToEnd();
}

function removeOthers(shown, left) {
  const known = new Set(left.map(({ id }) => id));
  for (const [id, phone] of shown) {
    if (known.has(id)) continue;
    phone.remove();
    shown.delete(id);
  }
}

function showChat(chat) {
  if (!phones.has(chat.id) && phones.size < MAX_PHONES) {
    phones.set(chat.id, createPhone(chat, hasCommand));
    byId('phones').dataset.empty = '';
  }
  const phone = phones.get(chat.id);
  phone?.describe(chat);
  return phone;
}

function showPushPhone(view) {
  if (!pushPhones.has(view.id)) pushPhones.set(view.id, createPushPhone(view, hasCommand));
  pushPhones.get(view.id).show(view);
}

function showCommands(shown, isOpen) {
  commands = shown;
  byId('command').hidden = commands.length === 0;
  byId('command').open = isOpen;
  byId('command-lines').replaceChildren(...commands.map(renderCommand));
}

function renderCommand({ client, line }) {
  const view = byId('command-line').content.firstElementChild.cloneNode(true);
  const copy = view.querySelector('button');
  view.querySelector('.command-for').textContent = WORDS.bookFor(client);
  view.querySelector('code').textContent = line;
  copy.textContent = WORDS.copy;
  copy.setAttribute('aria-label', WORDS.copyFor(client));
  copy.addEventListener('click', async () => {
    await navigator.clipboard.writeText(line);
    copy.textContent = WORDS.copied;
  });
  return view;
}
