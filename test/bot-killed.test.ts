import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAppWorker } from './support/app-worker.ts';
import { calls } from './support/bot.ts';
import { openUpdates } from './support/bot-handlers.ts';
import { answerTo, booked, chatOf, lastLine, message, press, untilQuiet } from './support/chat-cards.ts';
import { eventually } from './support/eventually.ts';
import { openSalon, type Salon, shown } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

/** The bot runs in processes of its own, which may die; the API and the deliveries here. */
const WITHOUT_BOT = { env: { ROLES: 'api,worker' } };
/** Twice as long as a lease lasts whose holder is dead. */
const TAKE_OVER_MS = 20_000;

/** The question of the client's stands open; gives the press that confirms. */
async function openQuestion(vestnik: Vestnik, salon: Salon) {
  const id = await booked(vestnik, salon, 'admin');
  await press(vestnik, salon, 'client', `bke:menu:${id}:card`);
  await press(vestnik, salon, 'client', `bke:cancel:${id}:card`);
  const { message_id } = message(vestnik, salon, 'client');
  const confirm = () =>
    vestnik.telegram.pressButton(chatOf(salon, 'client'), message_id, `bke:confirm_cancel:${id}:card`);
  return { id, confirm };
}

async function cancelledOnce(vestnik: Vestnik, salon: Salon, id: number): Promise<void> {
  await vestnik.settled();
  const { status, version } = (await vestnik.call('GET', `/v1/bookings/${id}`)).body;
  assert.deepEqual([status, version], ['cancelled', 2]);
  assert.equal(lastLine(message(vestnik, salon, 'client')), '❌ Вы отменили запись');
  const news = shown(vestnik, salon, 'specialist').filter((text) => text.startsWith('❌'));
  assert.equal(news.length, 1);
}

/** Where a process can stand still in the middle of a press: it holds the lock on the database then. */
const MIDDLE = {
  'as it cancels': "AFTER UPDATE OF status ON bookings WHEN NEW.status = 'cancelled'",
  'as it writes down what to show': "AFTER UPDATE OF responses ON bot_updates WHEN NEW.responses LIKE '%answer%'",
};

/** SQLite takes a WITH in a trigger only through a view. Gives what takes it back. */
async function freeze({ database }: Vestnik, where: keyof typeof MIDDLE): Promise<() => Promise<void>> {
  const run = (sql: string) => database.write((tx) => tx.execute(sql));
  await run('CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n');
  await run(`CREATE TRIGGER frozen ${MIDDLE[where]} BEGIN SELECT COUNT(*) FROM endless; END`);
  return async () => {
    await run('DROP TRIGGER frozen');
    await run('DROP VIEW endless');
  };
}

/** The update is stored, and the process holds the lock: nobody else writes. */
async function untilFrozen({ database }: Vestnik): Promise<void> {
  await eventually(async () => assert.equal(await openUpdates(database), 1));
  await eventually(async () => {
    const write = database.write((tx) => tx.execute('SELECT 1')).then(() => 'written');
    assert.equal(await Promise.race([write, sleep(500, 'late')]), 'late');
  });
}

// Beside each other: they mostly wait for the leases of the dead.
describe('a press', { concurrency: 2 }, () => {
  for (const where of ['as it cancels', 'as it writes down what to show'] as const)
    test(`a process that is killed ${where} has done nothing; the next one cancels`, async (t) => {
      const vestnik = await startVestnik(t, WITHOUT_BOT);
      const salon = await openSalon(vestnik);
      const doomed = await startAppWorker(t, vestnik.env, 'bot');
      const { id, confirm } = await openQuestion(vestnik, salon);
      const thaw = await freeze(vestnik, where);
      const pressed = confirm();
      await untilFrozen(vestnik);
      await doomed.kill();
      assert.equal(pressed.answer(), null);
      assert.equal((await vestnik.call('GET', `/v1/bookings/${id}`)).body.status, 'created');
      await thaw();
      await startAppWorker(t, vestnik.env, 'bot');
      await eventually(() => assert.equal(pressed.answer()?.text, 'Запись отменена'), TAKE_OVER_MS);
      await untilQuiet(vestnik);
      await cancelledOnce(vestnik, salon, id);
    });

  for (const [method, what] of [
    ['answerCallbackQuery', 'before it has answered'],
    ['editMessageText', 'between its answer and the edit'],
  ] as const)
    test(`a process that is killed ${what} has cancelled; the next one shows it`, async (t) => {
      const vestnik = await startVestnik(t, WITHOUT_BOT);
      const { telegram } = vestnik;
      const salon = await openSalon(vestnik);
      const doomed = await startAppWorker(t, vestnik.env, 'bot');
      const { id, confirm } = await openQuestion(vestnik, salon);
      telegram.clearRequests();
      const { chat } = salon.people.client;
      telegram.fault(method === 'editMessageText' ? chat : 'bot', { kind: 'hang' }, { methods: [method] });
      const pressed = confirm();
      const isTheirs = ({ chat_id = chat }: Record<string, unknown>) => chat_id === chat;
      await eventually(() =>
        assert.equal(calls(telegram, method).filter(({ parameters }) => isTheirs(parameters)).length, 1),
      );
      await doomed.kill();
      telegram.clearFaults();
      assert.equal((await vestnik.call('GET', `/v1/bookings/${id}`)).body.version, 2);
      await startAppWorker(t, vestnik.env, 'bot');
      await eventually(() => assert.equal(pressed.answer()?.text, 'Запись отменена'), TAKE_OVER_MS);
      await eventually(async () => assert.equal(await openUpdates(vestnik.database), 0), TAKE_OVER_MS);
      await cancelledOnce(vestnik, salon, id);
    });

  test('an open question outlives the death of its process, and is answered once', async (t) => {
    const vestnik = await startVestnik(t, WITHOUT_BOT);
    const salon = await openSalon(vestnik);
    const doomed = await startAppWorker(t, vestnik.env, 'bot');
    const { id, confirm } = await openQuestion(vestnik, salon);
    await doomed.kill();
    const presses = [confirm(), confirm()];
    await startAppWorker(t, vestnik.env, 'bot');
    await eventually(() => assert.equal(presses.filter((pressed) => pressed.answer()).length, 2), TAKE_OVER_MS);
    await untilQuiet(vestnik);
    assert.deepEqual(
      presses.map((pressed) => pressed.answer()?.text),
      ['Запись отменена', ''],
    );
    await cancelledOnce(vestnik, salon, id);
  });

  test('an open question outlives a restart', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const { id, confirm } = await openQuestion(vestnik, salon);
    await vestnik.restart();
    assert.equal(await answerTo(vestnik, confirm()), 'Запись отменена');
    await cancelledOnce(vestnik, salon, id);
  });
});
