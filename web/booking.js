import { call, takeToken } from './api.js';
import { BOOKING_WORDS } from './booking-words.js';
import { browserLanguage, speak } from './language.js';

const byId = (id) => document.getElementById(id);
let language = browserLanguage();
let words = BOOKING_WORDS[language];

speak(language, words);
byId('cancel').addEventListener('click', () => ask(true));
byId('no').addEventListener('click', () => ask(false));
byId('yes').addEventListener('click', cancel);
byId('confirm').addEventListener('click', confirm);
byId('retry').addEventListener('click', load);
// A notification may open another booking in this tab, or bring an old tab to the front.
addEventListener('hashchange', load);
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && byId('question').hidden) void load();
});
void load();

async function load() {
  await attempt(async () => show(await call(takeToken(), 'GET', 'v1/my/booking'), ''));
}

function cancel() {
  return act('v1/my/booking/cancel');
}

/** Of the time that is shown: the server refuses another. */
function confirm() {
  return act('v1/my/booking/confirm', { starts_at: byId('when').dateTime });
}

async function act(path, body) {
  await attempt(async () => {
    const token = takeToken();
    try {
      show(await call(token, 'POST', path, body), '');
    } catch (error) {
      if (!['booking_closed', 'precondition_failed'].includes(error.code)) throw error;
      show(await call(token, 'GET', 'v1/my/booking'), words.changed);
    }
  });
}

async function attempt(work) {
  byId('card').setAttribute('aria-busy', 'true');
  for (const button of document.querySelectorAll('button')) button.disabled = true;
  try {
    await work();
  } catch (error) {
    showTrouble({ unauthorized: 'expired', not_found: 'gone' }[error.code] ?? 'offline');
  }
  for (const button of document.querySelectorAll('button')) button.disabled = false;
  byId('card').setAttribute('aria-busy', 'false');
}

function ask(open) {
  byId('question').hidden = !open;
  byId('actions').hidden = open;
  byId(open ? 'no' : 'cancel').focus();
}

function show(booking, notice) {
  language = booking.locale;
  words = BOOKING_WORDS[language];
  speak(language, words);
  document.title = words.number(booking.id);
  byId('card').dataset.state = booking.status;
  line('company', booking.company_name);
  byId('heading').textContent = words.number(booking.id);
  line('text', notice);
  byId('status').textContent = booking.can_confirm ? words.awaited : words.status[booking.status];
  byId('status').dataset.status = booking.status;
  showTime(booking);
  showFacts(booking);
  line('coming', comingOf(booking));
  byId('confirm').hidden = !booking.can_confirm;
  byId('calendar').href = booking.calendar_url;
  byId('cancel').hidden = !booking.can_cancel;
  byId('calendar').hidden = booking.status !== 'created';
  byId('actions').hidden = booking.status !== 'created';
  byId('sure').textContent = words.sure[booking.role];
  byId('question').hidden = true;
  byId('booking').hidden = false;
  byId('retry').hidden = true;
  // The server has sanitised it; the page's policy allows neither scripts nor styles in it.
  byId('ad-content').innerHTML = booking.ad_html ?? '';
  line('ad-legal', booking.ad_legal ?? '');
  byId('ad').hidden = booking.ad_html === null;
}

function comingOf({ is_confirmed, can_confirm, role }) {
  if (is_confirmed) return words.confirmed[role === 'client' ? 'client' : 'other'];
  return can_confirm ? words.asked : '';
}

/** In the venue's time zone, which is named where the reader's clock shows another time. */
function showTime({ starts_at, ends_at, time_zone }) {
  const [start, end] = [new Date(starts_at), new Date(ends_at)];
  const day = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' };
  const format = new Intl.DateTimeFormat(language, {
    ...day,
    hour: '2-digit',
    minute: '2-digit',
    timeZone: time_zone,
    hourCycle: 'h23',
  });
  const text = format.formatRange(start, end);
  byId('when').textContent = text.charAt(0).toUpperCase() + text.slice(1);
  byId('when').dateTime = starts_at;
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const clockIn = (timeZone) =>
    new Intl.DateTimeFormat('en', { dateStyle: 'short', timeStyle: 'short', timeZone }).format(start);
  const isElsewhere = clockIn(here) !== clockIn(time_zone);
  const zone = new Intl.DateTimeFormat(language, { timeZone: time_zone, timeZoneName: 'long' });
  const name = zone.formatToParts(start).find(({ type }) => type === 'timeZoneName')?.value ?? time_zone;
  line('zone', isElsewhere ? words.venueTime(name) : '');
}

function showFacts({ service_name, duration_min, specialist_name, location_name, client }) {
  const facts = [
    [words.service, `${service_name} · ${words.minutes(duration_min)}`],
    [words.specialist, specialist_name],
    [words.place, location_name],
    [words.client, client?.name],
    [words.phone, client?.phone],
  ].filter(([, value]) => value);
  byId('facts').replaceChildren(
    ...facts.map(([name, value]) => {
      const row = document.createElement('div');
      for (const [tag, text] of [
        ['dt', name],
        ['dd', value],
      ])
        row.appendChild(document.createElement(tag)).textContent = text;
      return row;
    }),
  );
}

/** What was shown stays for those who lost the connection; a link that opens nothing shows nothing. */
function showTrouble(trouble) {
  byId('card').dataset.state = trouble;
  const isOffline = trouble === 'offline';
  line('text', words[trouble]);
  byId('heading').textContent = words[`${trouble}Title`];
  byId('retry').hidden = !isOffline;
  byId('question').hidden = true;
  if (isOffline && !byId('booking').hidden) return;
  for (const id of ['company', 'booking', 'actions', 'ad']) byId(id).hidden = true;
}

function line(id, text) {
  byId(id).textContent = text;
  byId(id).hidden = text === '';
}
