import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, type TestContext, test } from 'node:test';
import { loadLinkSecret } from '#src/links/link-secret.ts';
import { createLinkSigner } from '#src/links/link-signer.ts';
import { createLinks } from '#src/links/links.ts';
import { eventually } from '../support/eventually.ts';
import { openSalon, type Person, shown } from '../support/salon.ts';
import { startVestnik } from '../support/vestnik.ts';
import { unlessInstalled } from './browsers.ts';
import { DESKTOP, launchChromium, openPage, PHONE, textIn } from './chromium.ts';

const skip = unlessInstalled('chromium');
const HOSTILE_AD =
  '<h2>Весна в подарок</h2><p>Скидка 20 % на уход: <a href="https://salon.example/spa">записаться</a></p>' +
  '<script>document.title = "owned"</script><img src=x onerror="document.title = \'owned\'">';

async function open(t: TestContext) {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { companyId: company_id } = salon;
  const ad = { company_id, name: 'Ad', content_tg: 'x', content_html: HOSTILE_AD };
  const { id: ad_template_id } = await vestnik.create('/v1/ad-templates', ad);
  const key = { event_type: 'booking_created', recipient_role: 'client' };
  await vestnik.create('/v1/notification-settings', { company_id, ...key, channel: 'web_push', ad_template_id });
  const { id: booking_id } = await salon.book('admin');
  const links = createLinks({
    signer: createLinkSigner({ secret: await loadLinkSecret(vestnik.dataDir) }),
    publicUrl: vestnik.url,
    botUsername: () => null,
    clock: () => new Date(),
  });
  const starts_at = new Date('2027-01-28T11:00:00Z');
  const urlFor = (person: Person) => {
    const user_id = salon.people[person].id;
    return links.bookingUrl({ company_id, user_id, booking_id, starts_at, event_type: 'booking_created' });
  };
  return { vestnik, salon, booking_id, urlFor };
}

describe('the booking page in Chromium', { skip }, () => {
  test('shows the facts in the time of the venue, and an ad that cannot run anything', async (t) => {
    const { urlFor, booking_id } = await open(t);
    const browser = await launchChromium(t);
    const far = await openPage(browser, { timezoneId: 'Asia/Vladivostok' });
    await far.page.goto(urlFor('client'));
    const text = await textIn(far.page, 'created');
    for (const part of [`Запись № ${booking_id}`, 'Весна', 'Подтверждена', 'Стрижка · 60 мин', 'Анна', 'Центр'])
      assert.equal(text.includes(part), true, `${part} in ${text}`);
    assert.match(text, /Четверг, 28 января 2027 г\..+14:00/);
    assert.match(text, /Время указано по месту приёма \(Москва/);
    assert.match(text, /Весна в подарок\s+Скидка 20 % на уход: записаться/);
    assert.doesNotMatch(text, /Иван Петров/);
    assert.equal(await far.page.title(), `Запись № ${booking_id}`);
    assert.deepEqual(far.errors, []);

    const english = await openPage(browser, { timezoneId: 'Europe/Moscow', viewport: DESKTOP, colorScheme: 'dark' });
    await english.page.goto(urlFor('other_admin'));
    const admin = await textIn(english.page, 'created');
    assert.match(admin, /Thursday,? January 28, 2027.+14:00.+Иван Петров.+\+7 999/s);
    assert.doesNotMatch(admin, /Local time|подарок/);
    for (const { page } of [far, english])
      assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
  });

  test('cancels after a second thought, and the specialist hears of it', async (t) => {
    const { vestnik, salon, urlFor } = await open(t);
    const { page, errors } = await openPage(await launchChromium(t), { viewport: PHONE });
    await page.goto(urlFor('client'));
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

  test('tells when somebody else was faster, and when the link opens nothing', async (t) => {
    const { vestnik, urlFor, booking_id } = await open(t);
    const { page } = await openPage(await launchChromium(t));
    const url = urlFor('client');
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
    const { urlFor, booking_id } = await open(t);
    const { page } = await openPage(await launchChromium(t));
    await page.goto(urlFor('client'));
    await textIn(page, 'created');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#calendar')]);
    assert.equal(download.suggestedFilename(), `booking-${booking_id}.ics`);
    const path = await download.path();
    assert.match(await readFile(path, 'utf8'), /SUMMARY:Стрижка · Весна/);
  });
});
