import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { openSalon } from '../support/salon.ts';
import { startVestnik } from '../support/vestnik.ts';
import { unlessInstalled } from './browsers.ts';
import { launchChromium, openPage, textIn } from './chromium.ts';

const skip = unlessInstalled('chromium');
const SAFARI = 'AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5';
const IPHONE = `Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) ${SAFARI} Mobile/15E148 Safari/604.1`;
/** What an iPad says as well. */
const MAC = `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${SAFARI} Safari/605.1.15`;

/** As Safari does outside the home screen. */
const NO_PUSH = 'delete window.PushManager;';
const fingers = (count: number) => `Object.defineProperty(navigator, 'maxTouchPoints', { get: () => ${count} });`;
const standalone = (is: boolean) => `Object.defineProperty(navigator, 'standalone', { get: () => ${is} });`;

async function open(t: TestContext) {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const browser = await launchChromium(t);
  const urlFor = async (person: 'client' | 'other_admin'): Promise<string> =>
    (await vestnik.create(`/v1/users/${salon.people[person].id}/link`, {})).subscribe_url;
  /** The page on a device that is what the script makes of it. */
  async function visit(url: string, userAgent: string, script: string) {
    const { page, errors } = await openPage(browser, { userAgent });
    await page.addInitScript(script);
    await page.goto(url);
    return { page, errors };
  }
  return { vestnik, urlFor, visit };
}

describe('the subscribe page on devices of Apple', { skip }, () => {
  for (const [device, userAgent, script] of [
    ['an iPhone', IPHONE, NO_PUSH + standalone(false)],
    ['an iPad that says it is a Mac', MAC, NO_PUSH + fingers(5) + standalone(false)],
  ] as const)
    test(`tells the owner of ${device} how to install it, in both languages`, async (t) => {
      const { urlFor, visit } = await open(t);
      const russian = await visit(await urlFor('client'), userAgent, script);
      assert.match(
        await textIn(russian.page, 'ios'),
        /Сначала добавьте страницу на экран «Домой».+«Поделиться».+«Домой»/s,
      );
      const english = await visit(await urlFor('other_admin'), userAgent, script);
      const text = await textIn(english.page, 'ios');
      assert.match(text, /First, add this page to your Home Screen.+Share.+“Add to Home Screen”.+Open Vestnik/s);
      assert.doesNotMatch(text.replace(/^Hello .+$/m, ''), /[а-яё]/i);
      assert.equal(await english.page.locator('#action').isVisible(), false);
      assert.deepEqual([...russian.errors, ...english.errors], []);
    });

  test('offers nothing of the kind on a Mac', async (t) => {
    const { urlFor, visit } = await open(t);
    const { page } = await visit(await urlFor('client'), MAC, NO_PUSH + fingers(0));
    assert.doesNotMatch(await textIn(page, 'unsupported'), /Домой/);
  });

  test('offers notifications once it was opened from the home screen, whose icon keeps the link', async (t) => {
    const { vestnik, urlFor, visit } = await open(t);
    const safari = await visit(await urlFor('client'), IPHONE, NO_PUSH + standalone(false));
    await textIn(safari.page, 'ios');
    const manifestUrl = new URL((await safari.page.locator('#manifest').getAttribute('href')) ?? '', vestnik.url);
    const manifest = (await (await fetch(manifestUrl)).json()) as { start_url: string; display: string };
    assert.equal(manifest.display, 'standalone');
    const { page, errors } = await visit(new URL(manifest.start_url, manifestUrl).href, IPHONE, standalone(true));
    assert.match(await textIn(page, 'offer'), /Иван Петров, это Весна.+Включить уведомления/s);
    assert.deepEqual(errors, []);
  });
});
