import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import { createSandbox } from '#sandbox/sandbox.ts';
import { readConfig } from '#src/config.ts';
import { createLog } from '#src/observability/log.ts';
import { eventually } from '../support/eventually.ts';
import { startTestRedis } from '../support/redis.ts';
import { unlessInstalled } from './browsers.ts';
import { DESKTOP, launchChromium, openPage, textIn } from './chromium.ts';

const skip = unlessInstalled('chromium');
const HOSTILE_NAME = '<img src=x onerror="document.title=1">';

/** The sandbox, and its page of phones in a browser. */
async function open(t: TestContext) {
  const dataDir = await mkdtemp(join(tmpdir(), 'vestnik-phones-'));
  const redis = await startTestRedis(t);
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const DATABASE_URL = `sqlite:${join(dataDir, 'vestnik.sqlite')}`;
  const config = readConfig({ PORT: '0', DATABASE_URL, REDIS_URL: redis.url }, dataDir);
  const sandbox = createSandbox({ config, log: createLog('silent') });
  t.after(() => sandbox.stop(AbortSignal.timeout(5000)));
  const { apiUrl, adminApiKey, phonesUrl, pushClient } = await sandbox.start();
  const opened = await openPage(await launchChromium(t), { viewport: DESKTOP });
  await opened.page.goto(phonesUrl);
  const call = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
    const response = await fetch(`${apiUrl}/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${adminApiKey}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    assert.equal(response.ok, true, `${method} ${path}: ${response.status}`);
    return JSON.parse(await response.text());
  };
  /** As the second command on the page does. */
  const book = async () => {
    const line = await opened.page.locator('.command-line code').nth(1).textContent();
    return await call('POST', 'bookings', JSON.parse(/-d '(.+)'$/.exec(line ?? '')?.[1] ?? ''));
  };
  return { ...opened, call, book, pushClient };
}

const titlesOn = (page: Page) => page.locator('.push-phone .notification-title').allTextContents();

describe('the phones in Chromium', { skip }, () => {
  test('show the notifications of a browser, the newest state of a booking alone, and lead to its page', async (t) => {
    const { page, context, errors, call, book } = await open(t);
    const { id } = await book();
    await eventually(async () => assert.deepEqual(await titlesOn(page), ['📅 У вас новая запись']));
    await call('PATCH', `bookings/${id}`, { starts_at: new Date(Date.now() + 172_800_000).toISOString() });
    await eventually(async () => assert.deepEqual(await titlesOn(page), ['🔄 Ваша запись перенесена']));
    const [tab] = await Promise.all([context.waitForEvent('page'), page.locator('.notification').click()]);
    assert.match(await textIn(tab, 'created'), new RegExp(`Запись № ${id}`));
    assert.equal((await page.reload())?.status(), 200);
    await eventually(async () => assert.deepEqual(await titlesOn(page), ['🔄 Ваша запись перенесена']));
    assert.deepEqual(errors, []);
  });

  test('let the owner of the browser go away and come back, and its service fail', async (t) => {
    const { page, errors, call, book, pushClient } = await open(t);
    const phone = page.locator('.push-phone');
    await page.getByRole('button', { name: 'Запретить уведомления' }).click();
    await phone.getByText('Уведомления запрещены').waitFor();
    await book();
    await phone.getByText('ответила 410').waitFor();
    assert.deepEqual(await titlesOn(page), []);
    await eventually(async () => {
      assert.equal((await call('GET', `users/${pushClient.id}`)).web_push_unreachable, 'unsubscribed');
    });
    await phone.getByRole('button', { name: 'Подписаться снова' }).click();
    await phone.locator('.next-answer:enabled').selectOption('429');
    await book();
    await phone.getByText('ответила 429').waitFor();
    assert.equal(await phone.locator('.next-answer').inputValue(), '201');
    await eventually(async () => assert.deepEqual(await titlesOn(page), ['📅 У вас новая запись']));
    assert.deepEqual(errors, []);
  });

  test('show what users wrote as text', async (t) => {
    const { page, errors, call, book } = await open(t);
    await call('PATCH', 'services/1', { name: HOSTILE_NAME });
    await book();
    const body = page.locator('.push-phone .notification-body');
    await eventually(async () => assert.equal((await body.textContent())?.includes(HOSTILE_NAME), true));
    assert.equal(await body.locator('*').count(), 0);
    assert.deepEqual([await page.title(), errors], ['Vestnik · sandbox', []]);
  });
});
