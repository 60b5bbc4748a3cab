import type { TestContext } from 'node:test';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import type { RunningPushService } from '#sandbox/push/push-service.ts';
import { eventually } from '../support/eventually.ts';
import { findBrowser } from './browsers.ts';

/** A real Firefox that subscribes at a push service of ours and may show notifications. */
export interface Firefox {
  page: Page;
  browser: Browser;
  /** Clicks the notification on the screen, as soon as there is one; answers its title. */
  clickNotification(): Promise<string>;
}

export async function launchFirefox(t: TestContext, push: RunningPushService): Promise<Firefox> {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: findBrowser('firefox') ?? '',
    headless: true,
    // For the click on a notification, which is no part of a page.
    args: ['-remote-allow-system-access'],
    extraPrefsFirefox: {
      'dom.push.serverURL': push.websocketUrl,
      'dom.push.testing.allowInsecureServerURL': true,
      'dom.push.connection.enabled': true,
      'dom.push.retryBaseInterval': 100,
      'permissions.default.desktop-notification': 1,
      'alerts.useSystemBackend': false,
      'intl.accept_languages': 'ru',
    },
  });
  t.after(() => browser.close());
  const clickNotification = await openOwnPage(browser);
  return { browser, page: await browser.newPage(), clickNotification };
}

/** Firefox's own page, from which all its windows can be reached. */
const OWN_PAGE = 'about:support';

const CLICK = `(() => {
  const [alert] = [...Services.wm.getEnumerator('alert:alert')];
  if (!alert) throw new Error('no notification is shown');
  const title = alert.document.getElementById('alertTitleLabel').value || alert.document.getElementById('alertTitleLabel').textContent;
  alert.document.getElementById('alertBox').click();
  return title;
})()`;

/** Answers what clicks the notification, from the first tab. */
async function openOwnPage(browser: Browser): Promise<() => Promise<string>> {
  const [tab] = await browser.pages();
  // Nobody is told when it has loaded; until then there is nothing to click with.
  tab?.goto(OWN_PAGE).catch(() => undefined);
  return () => eventually(async () => String(await tab?.evaluate(CLICK)));
}

/** Waits until the card of the page is in this state. */
export async function untilState(page: Page, state: string): Promise<void> {
  await page.waitForSelector(`#card[data-state="${state}"]`, { timeout: 20_000 });
}

/** As a browser does by itself: nobody is told. */
export async function dropSubscription(page: Page): Promise<void> {
  await page.evaluate(`navigator.serviceWorker.ready
    .then((registration) => registration.pushManager.getSubscription())
    .then((subscription) => subscription.unsubscribe())`);
}

/** Runs in the page. */
const SHOWN = `navigator.serviceWorker.ready
  .then((registration) => registration.getNotifications())
  .then((shown) => shown.map(({ title, body, tag }) => ({ title, body, tag })))`;

/** What the page's worker shows now. */
export async function notifications(page: Page): Promise<{ title: string; body: string; tag: string }[]> {
  return (await page.evaluate(SHOWN)) as { title: string; body: string; tag: string }[];
}
