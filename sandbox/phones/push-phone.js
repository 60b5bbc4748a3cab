import { openOutside } from './outside-link.js';
import { createFrame } from './phone-frame.js';
import { LANGUAGE, WORDS } from './words.js';

const CLOCK = new Intl.DateTimeFormat(LANGUAGE, { hour: '2-digit', minute: '2-digit', hour12: false });
const DAY = new Intl.DateTimeFormat(LANGUAGE, { weekday: 'long', day: 'numeric', month: 'long' });
const FULL_TIME = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'long', timeStyle: 'medium' });
const TICK_MS = 1000;
const ACCEPT = '201';
/** Not to be chosen: it is what unsubscribing leads to. */
const GONE = '410';

/**
 * The browser of somebody without Telegram, as the lock screen of their phone shows it.
 * @param hasCommand whether the page shows a command to book with
 */
export function createPushPhone({ id, caption }, hasCommand) {
  const { part, act, ...frame } = createFrame({ template: 'push-phone', kind: 'push-phones', id, caption });
  const tray = part('.tray');
  const answers = part('.next-answer');
  tray.tabIndex = 0;
  part('.block').title = WORDS.revoke;
  part('.block').setAttribute('aria-label', WORDS.revoke);
  part('.block').addEventListener('click', () => act('unsubscribe', {}));
  part('.unblock').textContent = WORDS.subscribeAgain;
  part('.unblock').addEventListener('click', () => act('subscribe', {}));
  answers.title = WORDS.nextAnswer;
  answers.setAttribute('aria-label', WORDS.nextAnswer);
  for (const [status, words] of Object.entries(WORDS.answers)) {
    const option = new Option(words, status);
    option.hidden = status === GONE;
    answers.append(option);
  }
  answers.addEventListener('change', () =>
    act('next-answer', { status: answers.value === ACCEPT ? null : Number(answers.value) }),
  );

  const tick = () => {
    const now = new Date();
    part('.clock').textContent = CLOCK.format(now);
    part('.day').textContent = DAY.format(now);
  };
  tick();
  const ticking = setInterval(tick, TICK_MS);

  function showNotifications(notifications) {
    const known = new Map([...tray.children].map((view) => [view.dataset.id, view]));
    tray.replaceChildren(...notifications.map((one) => known.get(String(one.id)) ?? renderNotification(one)));
  }

  return {
    show({ name, caption, language_code, subscribed, next_status, last_status, notifications }) {
      const role = WORDS.roles[caption] ?? caption;
      frame.describe({ name, role, details: [role, WORDS.browser, language_code] });
      tray.setAttribute('aria-label', WORDS.trayOf(name));
      showNotifications(notifications);
      const hint = hasCommand() ? WORDS.trayEmpty : WORDS.trayEmptyNoCommand;
      part('.tray-empty').textContent = subscribed ? hint : WORDS.unsubscribed;
      part('.tray-empty').hidden = subscribed && notifications.length > 0;
      part('.block').hidden = !subscribed;
      part('.unblock').hidden = subscribed;
      answers.value = subscribed ? String(next_status ?? ACCEPT) : GONE;
      answers.disabled = !subscribed;
      part('.last-answer').textContent = last_status === null ? '' : WORDS.lastAnswer(last_status);
    },
    remove() {
      clearInterval(ticking);
      frame.remove();
    },
  };
}

/** Text only ever becomes text nodes. */
function renderNotification({ id, title, body, navigate, lang, silent, received_at }) {
  const view = element(navigate ? 'a' : 'div', 'notification');
  if (navigate) openOutside(view, navigate);
  view.dataset.id = id;
  view.lang = lang;
  view.dir = 'auto';
  const icon = element('img', 'notification-icon');
  Object.assign(icon, { src: '/icon.svg', alt: '', width: 32, height: 32 });
  const time = element('time', 'notification-time');
  const received = new Date(received_at);
  time.dateTime = received.toISOString();
  time.title = FULL_TIME.format(received);
  time.textContent = CLOCK.format(received);
  if (silent) time.prepend(Object.assign(element('span', 'muted'), { textContent: '🔕 ', title: WORDS.silent }));
  const heading = element('strong', 'notification-title');
  heading.textContent = title;
  const text = element('span', 'notification-body');
  text.textContent = body;
  view.append(icon, heading, time, text);
  return view;
}

function element(tag, className) {
  const created = document.createElement(tag);
  created.className = className;
  return created;
}
