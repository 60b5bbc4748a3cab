import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestApi } from '#test/support/api.ts';
import { DESKTOP, launchChromium, openPage } from './chromium.ts';

test('the page shows the API and tries it out, without a word to another server or against its policy', async (t) => {
  const browser = await launchChromium(t);
  const api = await startTestApi(t);
  const origin = `http://127.0.0.1:${api.port}`;
  const { page, errors } = await openPage(browser, { viewport: DESKTOP });
  const elsewhere: string[] = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith('data:')) elsewhere.push(url);
  });
  await page.goto(`${origin}/docs`);
  await page.locator('#operations-Bookings-createBooking').click();
  await page.getByText('crm-7421').first().waitFor();
  await page.locator('#operations-Service-getHealth').click();
  await page.getByRole('button', { name: 'Try it out' }).last().click();
  await page.getByRole('button', { name: 'Execute' }).click();
  const answer = page.locator('#operations-Service-getHealth .live-responses-table .response-col_status').last();
  await answer.waitFor();
  assert.match((await answer.textContent()) ?? '', /^200/);
  assert.deepEqual({ errors, elsewhere }, { errors: [], elsewhere: [] });
});
