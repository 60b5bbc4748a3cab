import { call, takeToken } from './api.js';
import { browserLanguage, speak } from './language.js';
import { SUBSCRIBE_WORDS } from './subscribe-words.js';
import { isSupported, keptState, needsHomeScreen, subscribe, unsubscribe } from './subscription.js';

const byId = (id) => document.getElementById(id);
let words = SUBSCRIBE_WORDS[browserLanguage()];
/** {token, person, isWanted}, once a link was found good. */
let session = null;

/** What the one button does in each state. */
const actions = {
  offer: turnOn,
  dismissed: turnOn,
  unsubscribed: turnOn,
  subscribed: turnOff,
  offline: start,
  failed: start,
  refused: start,
};

speak(browserLanguage(), words);
byId('action').addEventListener('click', () => actions[byId('card').dataset.state]?.());
// People come back from the settings of their browser, or open another link in the same tab.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && byId('card').dataset.state === 'denied') void start();
});
addEventListener('hashchange', start);
void start();

async function start() {
  await attempt(async () => {
    session = await open();
    words = SUBSCRIBE_WORDS[session.person.locale];
    speak(session.person.locale, words);
    greet(session.person);
    if (needsHomeScreen()) byId('manifest').href = `manifest.webmanifest?token=${session.token}`;
    return await settled();
  });
}

/** The state that the work leads to is shown; so is what went wrong. */
async function attempt(work) {
  show('working');
  try {
    show(await work());
  } catch (error) {
    const states = {
      unauthorized: 'expired',
      offline: 'offline',
      unavailable: 'offline',
      validation_failed: 'refused',
    };
    show(states[error.code] ?? 'failed');
  }
}

/** With the link's token, or, where that is gone or has ended, with what this browser kept. */
async function open() {
  const kept = isSupported() ? await keptState() : { token: null };
  let failure = { code: 'unauthorized' };
  for (const token of [takeToken(), kept.token].filter(Boolean)) {
    try {
      const person = await call(token, 'GET', 'v1/push/invitation');
      return { token, person, isWanted: kept.wanted === true && kept.user_id === person.user_id };
    } catch (error) {
      failure = error;
      if (error.code !== 'unauthorized') break;
    }
  }
  throw failure;
}

/**
 * Finds out how things stand, and mends what can be mended without asking: a key that has changed, a subscription that
 * the browser dropped. Whoever opens the link of somebody else is asked first, for their own messages would end.
 */
async function settled() {
  const { token, person, isWanted } = session;
  if (!isSupported()) return withoutSupport();
  if (Notification.permission === 'denied') return 'denied';
  if (Notification.permission !== 'granted' || !isWanted) return 'offer';
  await subscribe(token, person.public_key);
  return 'subscribed';
}

function withoutSupport() {
  if (!window.isSecureContext) return 'insecure';
  return needsHomeScreen() ? 'ios' : 'unsupported';
}

/** Browsers let a page ask only while a click is being handled. */
async function turnOn() {
  const { token, person } = session;
  const answer = Notification.requestPermission();
  await attempt(async () => {
    const permission = await answer;
    if (permission === 'denied') return 'denied';
    if (permission !== 'granted') return 'dismissed';
    await subscribe(token, person.public_key);
    return 'subscribed';
  });
}

async function turnOff() {
  await attempt(async () => {
    await unsubscribe(session.token);
    return 'unsubscribed';
  });
}

function greet({ user_name, company_name }) {
  byId('hello').textContent = words.hello(user_name, company_name);
  byId('hello').hidden = false;
}

/** Title, text, list and button of each state. */
function viewOf(state) {
  const role = session?.person.role ?? 'client';
  const offer = { title: words.title, text: words.intro[role], coming: words.coming[role], button: words.allow };
  switch (state) {
    case 'working':
      return { title: words.title, text: words.working };
    case 'offer':
      return { ...offer, hint: words.allowHint };
    case 'dismissed':
      return { ...offer, hint: words.dismissed };
    case 'subscribed':
      return { title: words.subscribedTitle, text: words.subscribed, button: words.unsubscribe };
    case 'unsubscribed':
      return { title: words.unsubscribedTitle, text: words.unsubscribed, button: words.again };
    case 'denied':
      return { title: words.deniedTitle, text: words.denied, steps: words.deniedSteps };
    case 'ios':
      return { title: words.iosTitle, text: words.ios, steps: words.iosSteps };
    case 'unsupported':
      return { title: words.unsupportedTitle, text: words.unsupported };
    case 'insecure':
      return { title: words.unsupportedTitle, text: words.insecure };
    case 'expired':
      return { title: words.expiredTitle, text: words.expired };
    default:
      return { title: words.failedTitle, text: words[state] ?? words.failed, button: words.retry };
  }
}

function show(state) {
  const { title, text, coming, steps, button, hint } = viewOf(state);
  byId('card').dataset.state = state;
  byId('card').setAttribute('aria-busy', String(state === 'working'));
  byId('heading').textContent = title;
  byId('text').textContent = text;
  list('coming', coming);
  list('steps', steps);
  line('action', button);
  line('hint', hint);
  byId('action').classList.toggle('quiet', state === 'subscribed');
}

function line(id, text) {
  byId(id).hidden = text === undefined;
  byId(id).textContent = text ?? '';
}

function list(id, items) {
  byId(id).hidden = items === undefined;
  byId(id).replaceChildren(
    ...(items ?? []).map((text) => {
      const item = document.createElement('li');
      item.textContent = text;
      return item;
    }),
  );
}
