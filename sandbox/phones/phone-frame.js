import { WORDS } from './words.js';

const TOAST_MS = 4000;
const AVATAR_COLOURS = 7;

const byId = (id) => document.getElementById(id);

/** Who stands further left; anybody else comes last. */
const ROLES = ['client', 'specialist', 'admin'];

/**
 * A phone on the page with its chip in the switcher, made from a template; what it shows inside is its kind's.
 * @param caption the owner's role, which says where it stands
 */
export function createFrame({ template, kind, id, caption }) {
  const section = byId(template).content.firstElementChild.cloneNode(true);
  const part = (selector) => section.querySelector(selector);
  const chip = document.createElement('a');
  section.id = `${kind}-${id}`;
  chip.href = `#${section.id}`;
  section.dataset.place = ROLES.includes(caption) ? ROLES.indexOf(caption) : ROLES.length;
  const next = [...byId('phones').children].find(({ dataset }) => dataset.place > section.dataset.place);
  byId('phones').insertBefore(section, next ?? null);
  byId('switcher').insertBefore(chip, next ? document.querySelector(`a[href="#${next.id}"]`) : null);

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

  return {
    part,
    toast,
    /** Does something as the phone's owner; false, with a word on the screen, when that was refused. */
    async act(action, body) {
      const response = await fetch(`/sandbox/${kind}/${id}/${action}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }).catch(() => null);
      if (!response) toast(WORDS.offline);
      else if (!response.ok) toast((await response.json()).error);
      return response?.ok ?? false;
    },
    /** @param details parts of the line below the name */
    describe({ name, role, details }) {
      part('.name').textContent = name;
      part('.role').textContent = details.filter(Boolean).join(' · ');
      part('.avatar').textContent = initialsOf(name);
      part('.avatar').dataset.colour = Math.abs(id) % AVATAR_COLOURS;
      section.setAttribute('aria-label', `${name}, ${role}`);
      chip.textContent = name;
    },
    remove() {
      section.remove();
      chip.remove();
    },
  };
}

const initialsOf = (name) =>
  name
    .split(' ')
    .slice(0, 2)
    .map((word) => [...word][0] ?? '')
    .join('');
