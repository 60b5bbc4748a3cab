// Receives messages while no page is open. A classic script: not every browser takes a module here.

/** Shared with subscription.js: one answer in the cache, which holds {token, wanted, user_id}. */
const STORE = 'vestnik';
const STATE = './state';

const EMPTY_NOTICE = { title: 'Vestnik', body: '' };
let renewing;

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('push', (event) => event.waitUntil(show(event.data)));

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.navigate));
});

self.addEventListener('pushsubscriptionchange', (event) => {
  // Browsers may tell twice, and tell nothing of the new subscription.
  renewing ??= renew(event.oldSubscription).finally(() => {
    renewing = undefined;
  });
  event.waitUntil(renewing);
});

/** Every message must be shown, or the browser takes the permission back. */
async function show(data) {
  const { title, body, tag, lang, silent, navigate } = read(data);
  await self.registration.showNotification(title, {
    body,
    lang,
    icon: 'web/icon-192.png',
    badge: 'web/badge-96.png',
    data: { navigate },
    // A newer state of the same booking takes the place of the older, and is heard.
    ...(tag && { tag, renotify: silent !== true }),
    ...(silent === true && { silent }),
  });
}

/** A declarative push message (Push API), which some browsers show without a worker. */
function read(data) {
  try {
    const { notification } = data.json();
    return typeof notification.title === 'string' ? notification : EMPTY_NOTICE;
  } catch {
    // No message of ours; something has to be shown all the same.
    return EMPTY_NOTICE;
  }
}

async function open(navigate) {
  const url = new URL(navigate ?? './subscribe', self.registration.scope);
  if (url.protocol !== 'https:' && url.origin !== self.location.origin) return;
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const shown = pages.find((page) => page.url === url.href);
  await (shown ? shown.focus() : self.clients.openWindow(url.href));
}

async function renew(old) {
  const state = await (await (await caches.open(STORE)).match(STATE))?.json();
  if (!state?.wanted) return;
  const key = await (await fetch('v1/push/public-key')).json();
  const options = { userVisibleOnly: true, applicationServerKey: key.public_key };
  const subscription = await self.registration.pushManager.subscribe(options);
  const send = (method, body) =>
    fetch('v1/push-subscriptions', {
      method,
      headers: { authorization: `Bearer ${state.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  // Where this fails, the page does it again when it is opened next.
  await send('POST', subscription);
  if (old && old.endpoint !== subscription.endpoint) await send('DELETE', { endpoint: old.endpoint });
}
