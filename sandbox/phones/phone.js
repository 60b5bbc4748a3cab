import { renderMessage } from './message-view.js';
import { createFrame } from './phone-frame.js';
import { WORDS } from './words.js';

const MAX_MESSAGES = 200;
/** How long a pressed button may go unanswered before the page says so. */
const ANSWER_MS = 3000;

/**
 * One chat, as the phone of its user shows it.
 * @param hasCommand whether the page shows a command to book with
 */
export function createPhone({ id, caption }, hasCommand) {
  const { part, toast, act, ...frame } = createFrame({ template: 'phone', kind: 'chats', id, caption });
  const log = part('.log');
  const input = part('input');
  log.tabIndex = 0;
  input.placeholder = WORDS.write;
  input.setAttribute('aria-label', WORDS.write);
  part('.send').setAttribute('aria-label', WORDS.send);
  part('.block').title = WORDS.block;
  part('.block').setAttribute('aria-label', WORDS.block);
  part('.block').addEventListener('click', () => act('block', {}));
  part('.unblock').addEventListener('click', () => act('unblock', {}));
  part('.write').addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text !== '' && (await act('messages', { text }))) input.value = '';
  });

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
    part('.empty').textContent = hasCommand() ? WORDS.empty : WORDS.emptyNoCommand;
  };

  return {
    scrollToEnd,
    remove: frame.remove,
    answered(text, stay) {
      clearTimeout(answerTimer);
      if (text) toast(text, stay);
    },
    describe({ name, caption, blocked, deactivated, language_code }) {
      const role = WORDS.roles[caption] ?? caption;
      frame.describe({ name, role, details: [deactivated ? WORDS.deactivated : role, language_code] });
      log.setAttribute('aria-label', WORDS.messagesOf(name));
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
  };
}
