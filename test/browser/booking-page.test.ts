import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { messagesOf } from '../support/chat-cards.ts';
import { eventually } from '../support/eventually.ts';
import { shown } from '../support/salon.ts';
import { unlessInstalled } from './browsers.ts';
import { DESKTOP, launchChromium, openPage, PHONE, textIn } from './chromium.ts';
import { openLinkedSalon } from './linked-salon.ts';

/** Until the reminder is due: long enough for the move to be written down before. */
const SOON_MS = 3_000;

const skip = unlessInstalled('chromium');
describe('the booking page in Chromium', { skip }, () => {
  test('shows the facts in the time of the venue, and an ad that cannot run anything', async (t) => {
    const { bookingUrl, booking_id } = await openLinkedSalon(t);
    const browser = await launchChromium(t);
    const far = await openPage(browser, { timezoneId: 'Asia/Vladivostok' });
    await far.page.goto(bookingUrl('client'));
    const text = await textIn(far.page, 'created');
    for (const part of [`Запись № ${booking_id}`, 'Весна', 'Запланирована', 'Стрижка · 60 мин', 'Анна', 'Центр'])
      assert.equal(text.includes(part), true, `${part} in ${text}`);
    assert.match(text, /Четверг, 28 января 2027 г\..+14:00/);
    assert.match(text, /Время указано по месту приёма \(Москва/);
    assert.match(text, /Весна в подарок\s+Скидка 20 % на уход: записаться/);
    assert.doesNotMatch(text, /Иван Петров/);
    assert.equal(await far.page.title(), `Запись № ${booking_id}`);
    assert.deepEqual(far.errors, []);

    const english = await openPage(browser, { timezoneId: 'Europe/Moscow', viewport: DESKTOP, colorScheme: 'dark' });
    await english.page.goto(bookingUrl('other_admin'));
    const admin = await textIn(english.page, 'created');
    assert.match(admin, /Thursday,? January 28, 2027.+14:00.+Иван Петров.+\+7 999/s);
    assert.doesNotMatch(admin, /Local time|подарок/);
    for (const { page } of [far, english])
      assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
  });

  test('says the legal line under the ad, and under nothing else', async (t) => {
    const { vestnik, salon, bookingUrl } = await openLinkedSalon(t);
    const marking = { ad_advertiser: 'ООО «<b>Ромашка</b>»', ad_marking_token: '2VtzqwX' };
    await vestnik.call('PATCH', `/v1/companies/${salon.companyId}`, marking);
    const { body } = await vestnik.call('GET', `/v1/ad-templates?company_id=${salon.companyId}`);
    const content_html = '<b>Скидка</b> 20 % на уход';
    await vestnik.call('PATCH', `/v1/ad-templates/${body.items[0].id}`, { content_html });
    const { page, errors } = await openPage(await launchChromium(t), { viewport: PHONE });
    await page.goto(bookingUrl('client'));
    const text = await textIn(page, 'created');
    // A word in bold stays in its line.
    assert.match(text, /\nСкидка 20 % на уход\n+Реклама\. ООО «<b>Ромашка<\/b>»\. erid: 2VtzqwX$/);
    await page.goto(bookingUrl('specialist'));
    await page.reload();
    assert.doesNotMatch(await textIn(page, 'created'), /Реклама/);
    assert.deepEqual(errors, []);
  });

  test('cancels after a second thought, and the specialist hears of it', async (t) => {
    const { vestnik, salon, bookingUrl } = await openLinkedSalon(t);
    const { page, errors } = await openPage(await launchChromium(t), { viewport: PHONE });
    await page.goto(bookingUrl('client'));
    await textIn(page, 'created');
    await page.click('#cancel');
    await page.click('#no');
    await page.click('#cancel');
    await page.click('#yes');
    assert.match(await textIn(page, 'cancelled'), /Отменена/);
    assert.equal(await page.locator('#cancel').isVisible(), false);
    await eventually(() => {
      assert.match(shown(vestnik, salon, 'specialist').at(-1) ?? '', /отменена клиентом/);
      assert.match(shown(vestnik, salon, 'admin').at(-1) ?? '', /отменена клиентом/);
    });
    assert.deepEqual(errors, []);
  });

  test('asks the client whether they come, takes one tap for an answer, and the admin sees it', async (t) => {
    const { vestnik, salon, bookingUrl, booking_id } = await openLinkedSalon(t);
    const no_show_ladder = { ask: 120, push_after_min: 30, call_after_min: 60 };
    await vestnik.call('PATCH', `/v1/companies/${salon.companyId}`, { no_show_ladder });
    const { page, errors } = await openPage(await launchChromium(t), { viewport: PHONE });
    await page.goto(bookingUrl('client'));
    assert.match(await textIn(page, 'created'), /Запланирована/);
    assert.equal(await page.locator('#confirm').isVisible(), false);

    const starts_at = new Date(Date.now() + 120 * 60_000 + SOON_MS).toISOString();
    await vestnik.call('PATCH', `/v1/bookings/${booking_id}`, { starts_at });
    await eventually(() => assert.match(shown(vestnik, salon, 'client').at(-1) ?? '', /подтвердите/), 15_000);
    await page.reload();
    assert.match(await textIn(page, 'created'), /Ждёт подтверждения[\s\S]+Пожалуйста, подтвердите, что придёте\./);
    await page.click('#confirm');
    await page.waitForSelector('#confirm', { state: 'hidden' });
    assert.match(await textIn(page, 'created'), /Запланирована[\s\S]+✅ Вы подтвердили визит/);
    await eventually(() =>
      assert.match(messagesOf(vestnik, salon, 'admin').at(-1)?.text ?? '', /✅ Клиент подтвердил визит$/),
    );
    await page.goto(bookingUrl('admin'));
    await page.reload();
    assert.match(await textIn(page, 'created'), /✅ Клиент подтвердил визит/);
    assert.deepEqual(errors, []);
  });

  test('shows the new time instead when the booking was moved under the client’s finger', async (t) => {
    const { vestnik, salon, bookingUrl, booking_id } = await openLinkedSalon(t);
    const no_show_ladder = { ask: 120, push_after_min: 30, call_after_min: 60 };
    await vestnik.call('PATCH', `/v1/companies/${salon.companyId}`, { no_show_ladder });
    const starts_at = new Date(Date.now() + 120 * 60_000 + SOON_MS).toISOString();
    await vestnik.call('PATCH', `/v1/bookings/${booking_id}`, { starts_at });
    await eventually(() => assert.match(shown(vestnik, salon, 'client').at(-1) ?? '', /подтвердите/), 15_000);
    const { page } = await openPage(await launchChromium(t));
    await page.goto(bookingUrl('client'));
    await textIn(page, 'created');
    await vestnik.call('PATCH', `/v1/bookings/${booking_id}`, { starts_at: '2027-01-29T11:00:00Z' });
    await page.click('#confirm');
    assert.match(await textIn(page, 'created'), /тем временем изменилась[\s\S]+29 января 2027/);
    const { body } = await vestnik.call('GET', `/v1/bookings/${booking_id}`);
    assert.equal(body.confirmed_at, null);
  });

  test('tells when somebody else was faster, and when the link opens nothing', async (t) => {
    const { vestnik, bookingUrl, booking_id } = await openLinkedSalon(t);
    const { page } = await openPage(await launchChromium(t));
    const url = bookingUrl('client');
    await page.goto(url);
    await textIn(page, 'created');
    await page.click('#cancel');
    await vestnik.call('POST', `/v1/bookings/${booking_id}/cancel`, {});
    await page.click('#yes');
    assert.match(await textIn(page, 'cancelled'), /тем временем изменилась/);
    await page.goto(`${url.slice(0, -1)}_`);
    const text = await textIn(page, 'expired');
    assert.doesNotMatch(text, /Стрижка/);
  });

  test('gives a file for the calendar', async (t) => {
    const { bookingUrl, booking_id } = await openLinkedSalon(t);
    const { page } = await openPage(await launchChromium(t));
    await page.goto(bookingUrl('client'));
    await textIn(page, 'created');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#calendar')]);
    assert.equal(download.suggestedFilename(), `booking-${booking_id}.ics`);
    const path = await download.path();
    assert.match(await readFile(path, 'utf8'), /SUMMARY:Стрижка · Весна/);
  });
});
