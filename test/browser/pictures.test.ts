import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { unlessInstalled } from './browsers.ts';
import { DESKTOP, launchChromium, openPage, PHONE, textIn } from './chromium.ts';
import { openLinkedSalon } from './linked-salon.ts';
import { type Look, measure } from './pictures.ts';

const skip = unlessInstalled('chromium');
/** Kept, so that people can look at them; the next run takes their place. */
const FOLDER = join(tmpdir(), 'vestnik-pictures');

interface Shot {
  name: string;
  url: string;
  state: string;
  viewport: { width: number; height: number };
  colorScheme: 'light' | 'dark';
}

/** Everything on the page that reaches beyond its right or left edge. */
const BEYOND_THE_EDGE = `[...document.body.querySelectorAll('*')]
  .filter((element) => {
    const { left, right, width } = element.getBoundingClientRect();
    return width > 0 && (left < -0.5 || right > document.documentElement.clientWidth + 0.5);
  })
  .map((element) => element.id || element.localName)`;

/** The labels of facts that are broken inside their one word. */
const BROKEN_LABELS = `[...document.querySelectorAll('dt')]
  .filter((label) => {
    const range = document.createRange();
    range.selectNodeContents(label);
    return range.getClientRects().length > 1;
  })
  .map((label) => label.textContent)`;

/** Opens the page in a browser of its own, and keeps what it looks like. */
async function take(browser: Browser, { name, url, state, viewport, colorScheme }: Shot): Promise<Look> {
  const { page, context, errors } = await openPage(browser, { viewport, colorScheme, timezoneId: 'Europe/Moscow' });
  await page.goto(url);
  const text = await textIn(page, state);
  assert.equal(text.length > 60, true, `${name}: ${text}`);
  assert.doesNotMatch(text, /undefined|null|NaN|\[object/);
  assert.equal(await page.evaluate('document.documentElement.scrollWidth'), viewport.width, name);
  assert.deepEqual(await page.evaluate(BEYOND_THE_EDGE), [], name);
  assert.deepEqual(await page.evaluate(BROKEN_LABELS), [], name);
  assert.deepEqual(errors, []);
  const png = await page.screenshot({ fullPage: true, animations: 'disabled' });
  await writeFile(join(FOLDER, `${name}.png`), png);
  await context.close();
  return await measure(browser, png);
}

async function takeAll(t: TestContext, page: string, { url, state }: Pick<Shot, 'url' | 'state'>): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const browser = await launchChromium(t);
  for (const [size, viewport] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
    const shot = (colorScheme: Shot['colorScheme']) =>
      take(browser, { name: `${page}-${size}-${colorScheme}`, url, state, viewport, colorScheme });
    const [light, dark] = [await shot('light'), await shot('dark')];
    for (const look of [light, dark]) {
      assert.equal(look.width, viewport.width);
      // The edges of letters alone have dozens of shades; a page without its texts and styles has a few.
      assert.equal(look.colours > 20 && look.emptiest < 0.97, true, JSON.stringify(look));
    }
    assert.equal(light.brightness > 0.8 && dark.brightness < 0.3, true, JSON.stringify({ light, dark }));
  }
  t.diagnostic(`pictures in ${FOLDER}`);
}

describe('in light and in dark, on a phone and on a desk', { skip }, () => {
  test('the subscribe page shows its text on nothing but its own width', async (t) => {
    const { subscribeUrl } = await openLinkedSalon(t);
    await takeAll(t, 'subscribe', { url: await subscribeUrl('client'), state: 'offer' });
  });

  test('the booking page shows its facts and its ad on nothing but its own width', async (t) => {
    const { bookingUrl } = await openLinkedSalon(t);
    await takeAll(t, 'booking', { url: bookingUrl('client'), state: 'created' });
  });
});
