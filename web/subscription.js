import { call } from './api.js';

/** Shared with push-worker.js: one answer in the cache, which holds {token, wanted, user_id}. */
const STORE = 'vestnik';
const STATE = './state';

/** What this browser kept: the token that renews its subscription, whether it wants one, and whose it is. */
export async function keptState() {
  const kept = await (await caches.open(STORE)).match(STATE);
  return kept ? await kept.json() : { token: null, wanted: false, user_id: null };
}

async function keep(state) {
  await (await caches.open(STORE)).put(STATE, new Response(JSON.stringify(state)));
}

/** Whether this browser can receive messages at all. */
export const isSupported = () =>
  'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window && 'caches' in window;

/** iPhones and iPads receive only for pages on the home screen. iPads say that they are Macs. */
export function needsHomeScreen() {
  const isApple = /iPhone|iPad|iPod/.test(navigator.userAgent);
  const isPad = /Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1;
  return (isApple || isPad) && navigator.standalone !== true;
}

const registered = async () => {
  await navigator.serviceWorker.register('push-worker.js', { updateViaCache: 'none' });
  return await navigator.serviceWorker.ready;
};

const sameKey = (subscription, publicKey) => {
  const key = subscription.options.applicationServerKey;
  if (!key) return false;
  const text = btoa(String.fromCharCode(...new Uint8Array(key)));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '') === publicKey;
};

/** Subscribes with this key, or renews what there is, and tells the server. */
export async function subscribe(token, publicKey) {
  const { pushManager } = await registered();
  let subscription = await pushManager.getSubscription();
  let outdated = null;
  if (subscription && !sameKey(subscription, publicKey)) {
    outdated = subscription.endpoint;
    await subscription.unsubscribe();
    subscription = null;
  }
  subscription ??= await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
  const { device_token, user_id } = await call(token, 'POST', 'v1/push-subscriptions', subscription);
  await keep({ token: device_token, wanted: true, user_id });
  if (outdated) await call(token, 'DELETE', 'v1/push-subscriptions', { endpoint: outdated });
}

/** The server forgets first: what only the browser had given up would be sent to for nothing. */
export async function unsubscribe(token) {
  const { pushManager } = await registered();
  const subscription = await pushManager.getSubscription();
  await keep({ ...(await keptState()), wanted: false });
  if (!subscription) return;
  await call(token, 'DELETE', 'v1/push-subscriptions', { endpoint: subscription.endpoint });
  await subscription.unsubscribe();
}
