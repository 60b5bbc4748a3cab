import type { TestContext } from 'node:test';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findBrowser } from './browsers.ts';

export const PHONE = { width: 360, height: 740 };
export const DESKTOP = { width: 1280, height: 800 };

export async function launchChromium(t: TestContext): Promise<Browser> {
  // Root may not use Chromium's sandbox, and containers run tests as root.
  const browser = await chromium.launch({ executablePath: findBrowser('chromium') ?? '', args: ['--no-sandbox'] });
  t.after(() => browser.close());
  return browser;
}

/** A page in a profile of its own; an error in it, or a refusal by its policy, is the test's. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; context: BrowserContext; errors: string[] }> {
  const context = await browser.newContext({ viewport: PHONE, locale: 'ru-RU', ...options });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    // An answer that is an error is logged as well; the tests provoke those.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      errors.push(message.text());
  });
  return { page, context, errors };
}

/** Waits until the card is in this state; answers all that it says. */
export async function textIn(page: Page, state: string): Promise<string> {
  await page.waitForSelector(`#card[data-state="${state}"][aria-busy="false"]`, { timeout: 20_000 });
  // As it is seen: what is hidden does not count.
  // biome-ignore lint/performance/useDomNodeTextContent: textContent has the hidden parts too
  return await page.locator('#card').innerText();
}

const REGISTER = `(async () => {
  await navigator.serviceWorker.register('push-worker.js');
  const { active } = await navigator.serviceWorker.ready;
  if (active.state === 'activated') return;
  await new Promise((resolve) => active.addEventListener('statechange', resolve, { once: true }));
})()`;

/**
 * As subscribing does, which waits for a push service for ever here. A message to a worker that is still being activated
 * may get lost.
 */
export async function registerWorker(page: Page): Promise<void> {
  await page.evaluate(REGISTER);
}

/** Hands a message to the page's worker as the browser's push client would. */
export async function pushMessenger(page: Page, context: BrowserContext): Promise<(data: string) => Promise<void>> {
  const session = await context.newCDPSession(page);
  const registered = new Promise<string>((resolve) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [registration] = registrations;
      if (registration) resolve(registration.registrationId);
    });
  });
  await session.send('ServiceWorker.enable');
  const registrationId = await registered;
  const { origin } = new URL(page.url());
  return async (data) => {
    await session.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data });
  };
}

export interface ShownNotification {
  title: string;
  body: string;
  tag: string;
  lang: string;
  data: { navigate?: string };
}

const SHOWN = `navigator.serviceWorker.ready
  .then((registration) => registration.getNotifications())
  .then((shown) => shown.map(({ title, body, tag, lang, data }) => ({ title, body, tag, lang, data })))`;

export async function shownNotifications(page: Page): Promise<ShownNotification[]> {
  return await page.evaluate<ShownNotification[]>(SHOWN);
}
