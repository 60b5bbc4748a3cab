import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { group } from '#test/support/handler-bot.ts';
import { type CompanyRow, lastShown, openPeopleBot, type PeopleBot, type UserRow } from '#test/support/people.ts';

const IVAN = 1001;
const OLGA = 1002;
const GROUP = -1_000_000_000_055;
/** The number of the broadcast's message, which the bot did not send. */
const BROADCAST = 500;

const STOP = '🔕 Не присылать рекламу';
const AGAIN = '🔔 Снова присылать рекламу';

const shown = (people: PeopleBot, chat = IVAN) => lastShown(people, chat);

/** A button of that message, by its label, or forged. */
async function press(people: PeopleBot, label: string): Promise<string> {
  const { buttons, id } = shown(people);
  return await answered(people, [IVAN, IVAN, id, buttons[label] ?? label]);
}

async function answered({ bot }: PeopleBot, pressed: [from: number, chat: number, id: number, data: string]) {
  const [answer] = await bot.press(...pressed);
  return answer?.kind === 'answer' ? answer.text : 'no answer';
}

const optedOut = (people: PeopleBot, users: readonly UserRow[]) =>
  Promise.all(users.map(async ({ id }) => (await people.userNow(id))?.ads_opt_out));

const userOf = (
  people: PeopleBot,
  company: CompanyRow,
  change: Partial<UserRow> = {},
  role: UserRow['role'] = 'client',
) => people.user(company, role, { tg_id: IVAN, ...change });

describe('/stop_ads', () => {
  test('ends the ads of the only company at once, for each user of the account, and says the way back', async (t) => {
    const people = await openPeopleBot(t);
    const company = await people.company();
    const own = [await userOf(people, company), await userOf(people, company, {}, 'specialist')];
    const other = await userOf(people, company, { tg_id: OLGA });
    await people.bot.text(IVAN, '/stop_ads');
    assert.match(shown(people).text, /^🔕 Хорошо, рекламы больше не будет\.[\s\S]*\/settings\.$/);
    assert.deepEqual(Object.keys(shown(people).buttons), [AGAIN]);
    assert.deepEqual(await optedOut(people, [...own, other]), [true, true, false]);
    assert.equal(await press(people, AGAIN), 'Сохранено');
    assert.match(shown(people).text, /^🔔 Реклама снова будет приходить\./);
    assert.deepEqual(await optedOut(people, own), [false, false]);
    assert.equal(await press(people, STOP), 'Сохранено');
    assert.deepEqual(await optedOut(people, own), [true, true]);
    assert.equal(people.bot.messages(IVAN).length, 1);
  });

  test('said or tapped twice changes nothing more', async (t) => {
    const people = await openPeopleBot(t);
    const user = await userOf(people, await people.company(), { locale: 'en' });
    for (const _ of ['first', 'again']) await people.bot.text(IVAN, '/stop_ads');
    assert.match(shown(people).text, /^🔕 All right, no more ads\./);
    const { id, buttons } = shown(people);
    const again = buttons['🔔 Send me ads again'] ?? '';
    assert.equal(await answered(people, [IVAN, IVAN, id, again]), 'Saved');
    const once = shown(people);
    assert.equal(await answered(people, [IVAN, IVAN, id, again]), 'Saved');
    assert.deepEqual(shown(people), once);
    const { locale, ads_opt_out } = (await people.userNow(user.id)) ?? {};
    assert.deepEqual([locale, ads_opt_out], ['en', false]);
  });

  test('lets an account with several companies choose, one or all', async (t) => {
    const people = await openPeopleBot(t);
    const [spring, autumn] = [await people.company('Весна'), await people.company('<Осень> & Co')];
    const users = [await userOf(people, spring), await userOf(people, autumn), await userOf(people, autumn)];
    await people.bot.text(IVAN, '/stop_ads');
    assert.equal(shown(people).text, '🔕 От какой компании больше не присылать рекламу?');
    assert.deepEqual(Object.keys(shown(people).buttons), ['🏢 Весна', '🏢 <Осень> & Co', '🔕 От всех']);
    assert.deepEqual(await optedOut(people, users), [false, false, false]);

    assert.equal(await press(people, '🏢 <Осень> & Co'), 'Сохранено');
    assert.match(shown(people).text, /^🏢 <Осень> & Co\n\n🔕 Хорошо/);
    assert.deepEqual(await optedOut(people, users), [false, true, true]);
    await press(people, '⬅️ Все компании');
    assert.deepEqual(Object.keys(shown(people).buttons), ['🏢 Весна', '🏢 <Осень> & Co · без рекламы', '🔕 От всех']);
    assert.equal(await press(people, '🔕 От всех'), 'Сохранено');
    assert.match(shown(people).text, /^🔕 Хорошо/);
    assert.deepEqual(await optedOut(people, users), [true, true, true]);
    await press(people, AGAIN);
    assert.deepEqual(await optedOut(people, users), [false, false, false]);
  });

  test('has no power over others, whatever a button says', async (t) => {
    const people = await openPeopleBot(t);
    const [company, strange] = [await people.company(), await people.company('Осень')];
    const own = await userOf(people, company);
    const others = [await userOf(people, company, { tg_id: OLGA }), await userOf(people, strange, { tg_id: OLGA })];
    for (const data of [`bka:off:${strange.id}`, 'bka:off:0', 'bka:off:9999999999'])
      assert.equal(await press(people, data), 'Это больше недоступно');
    for (const data of ['bka:off:-1', 'bka:off:', 'bka:off:all:1', 'bka:of:all', 'bka:', `bka:maybe:${company.id}`])
      assert.deepEqual(await people.bot.press(IVAN, IVAN, 1, data), []);
    // In a group too: those buttons are for private chats.
    assert.deepEqual(await people.bot.press(IVAN, GROUP, 1, 'bka:off:all'), []);
    for (const data of ['bka:off:all', 'bka:choose', `bka:on:${company.id}`])
      assert.equal(await answered(people, [77, 77, 1, data]), 'Это больше недоступно');
    assert.deepEqual(await optedOut(people, [own, ...others]), [false, false, false]);
    assert.deepEqual(people.bot.messages(IVAN), []);
  });

  test('greets a stranger, and sends a group to the private chat', async (t) => {
    const people = await openPeopleBot(t);
    await people.bot.text(77, '/stop_ads');
    assert.match(shown(people, 77).text, /^👋 Здравствуйте!/);
    const user = await userOf(people, await people.company());
    await people.bot.text(IVAN, '/stop_ads', group(GROUP));
    assert.equal(shown(people, GROUP).text, 'Эта команда работает в личном чате со мной.');
    assert.deepEqual(await optedOut(people, [user]), [false]);
  });
});

describe('the button under a broadcast', () => {
  test('ends the ads of that user alone, and becomes the way back', async (t) => {
    const people = await openPeopleBot(t);
    const spring = await userOf(people, await people.company('Весна'));
    const autumn = await userOf(people, await people.company('Осень'));
    const tap = (data: string) => answered(people, [IVAN, IVAN, BROADCAST, data]);
    for (const _ of ['first', 'again']) {
      assert.equal(await tap(`bks:stop:${autumn.id}`), 'Компания «Осень» больше не будет присылать вам рекламу');
      assert.deepEqual(shown(people).buttons, { [AGAIN]: `bks:again:${autumn.id}` });
      assert.deepEqual(await optedOut(people, [spring, autumn]), [false, true]);
    }
    for (const _ of ['first', 'again']) {
      assert.equal(await tap(`bks:again:${autumn.id}`), 'Компания «Осень» снова будет присылать вам рекламу');
      assert.deepEqual(shown(people).buttons, { [STOP]: `bks:stop:${autumn.id}` });
      assert.deepEqual(await optedOut(people, [spring, autumn]), [false, false]);
    }
    // The text is the company's: only the buttons change.
    assert.deepEqual([...new Set(people.bot.responses.map(({ kind }) => kind))], ['answer', 'buttons']);
  });

  test('answers within Telegram’s limits whatever the company is called', async (t) => {
    const people = await openPeopleBot(t);
    const user = await userOf(people, await people.company('ש'.repeat(5000)), { locale: 'en' });
    assert.match(
      await answered(people, [IVAN, IVAN, BROADCAST, `bks:stop:${user.id}`]),
      /won’t send you ads any more$/,
    );
    assert.deepEqual(Object.keys(shown(people).buttons), ['🔔 Send me ads again']);
  });

  test('is nobody else’s to press', async (t) => {
    const people = await openPeopleBot(t);
    const company = await people.company();
    const own = await userOf(people, company, {}, 'admin');
    const other = await userOf(people, company, { tg_id: OLGA });
    const ofGroup = await userOf(people, company, { tg_id: GROUP }, 'admin');
    const users = [own, other, ofGroup];
    for (const id of [other.id, ofGroup.id, 0, 9_999_999_999])
      for (const act of ['stop', 'again'])
        assert.equal(await answered(people, [IVAN, IVAN, BROADCAST, `bks:${act}:${id}`]), 'Это больше недоступно');
    for (const data of [`bks:stop:${own.id}:1`, 'bks:stop:', 'bks:stop:-1', 'bks:stop:1e3', `bks:halt:${own.id}`])
      assert.deepEqual(await people.bot.press(IVAN, IVAN, BROADCAST, data), []);
    assert.deepEqual(await optedOut(people, users), [false, false, false]);
    assert.deepEqual(people.bot.messages(IVAN), []);
  });

  test('in a group acts for the group, and only for an admin of the company', async (t) => {
    const people = await openPeopleBot(t);
    const [company, strange] = [await people.company(), await people.company('Осень')];
    const admin = await userOf(people, company, { locale: 'en' }, 'admin');
    const client = await userOf(people, company, { tg_id: OLGA });
    await userOf(people, strange, { tg_id: OLGA }, 'admin');
    const ofGroup = await userOf(people, company, { tg_id: GROUP }, 'admin');
    const tap = (from: number, data: string) => people.bot.press(from, GROUP, BROADCAST, data);
    for (const from of [OLGA, 77])
      assert.deepEqual(
        (await tap(from, `bks:stop:${ofGroup.id}`)).map((one) => one.kind === 'answer' && [one.text, one.alert]),
        [['Это может только администратор компании', true]],
      );
    // Who presses in a group decides nothing for themselves.
    assert.equal(await answered(people, [OLGA, GROUP, BROADCAST, `bks:stop:${client.id}`]), 'Это больше недоступно');
    assert.deepEqual(await optedOut(people, [admin, client, ofGroup]), [false, false, false]);

    const [answer] = await tap(IVAN, `bks:stop:${ofGroup.id}`);
    assert.equal(answer?.kind === 'answer' && answer.text, 'Весна won’t send you ads any more');
    assert.deepEqual(shown(people, GROUP).buttons, { [AGAIN]: `bks:again:${ofGroup.id}` });
    assert.deepEqual(await optedOut(people, [admin, client, ofGroup]), [false, false, true]);
    await tap(IVAN, `bks:again:${ofGroup.id}`);
    assert.deepEqual(await optedOut(people, [admin, client, ofGroup]), [false, false, false]);
  });
});
