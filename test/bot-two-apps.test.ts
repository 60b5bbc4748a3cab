import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startAppWorker } from './support/app-worker.ts';
import { calls } from './support/bot.ts';
import { untilQuiet } from './support/chat-cards.ts';
import { answersTo, askAll, assertCancelledOnce, openCrowd, pressConfirm } from './support/crowd.ts';
import { openSalon } from './support/salon.ts';
import { startVestnik } from './support/vestnik.ts';

const NOBODY = { tg_id: null };
const QUIET_STAFF = { specialist: NOBODY, admin: NOBODY, other_admin: NOBODY };
const PEOPLE = 200;

test('of two whole apps one stops in order while people press: each press acts once, and no poll meets another', async (t) => {
  const vestnik = await startVestnik(t);
  const { telegram } = vestnik;
  const salon = await openSalon(vestnik, QUIET_STAFF);
  const crowd = await openCrowd(vestnik, salon, PEOPLE);
  await askAll(vestnik, crowd);
  await startAppWorker(t, vestnik.env, 'api,worker,bot');
  const presses = crowd.slice(0, PEOPLE / 2).map((member) => pressConfirm(vestnik, member));
  await telegram.until(() => presses.some((pressed) => pressed.answer()));
  const restarted = vestnik.restart();
  for (const member of crowd.slice(PEOPLE / 2)) presses.push(pressConfirm(vestnik, member));
  const answers = await answersTo(presses);
  assert.deepEqual([...new Set(answers)], ['Запись отменена']);
  await restarted;
  await untilQuiet(vestnik);
  await vestnik.settled();
  await assertCancelledOnce(vestnik, crowd);
  assert.equal(calls(telegram, 'getUpdates').filter(({ outcome }) => outcome?.status === 409).length, 0);
});

test('of two processes the one that listens is killed while people press: each press acts once', async (t) => {
  const vestnik = await startVestnik(t, { env: { ROLES: 'api,worker' } });
  const salon = await openSalon(vestnik, QUIET_STAFF);
  const listening = await startAppWorker(t, vestnik.env, 'bot');
  const crowd = await openCrowd(vestnik, salon, PEOPLE);
  await askAll(vestnik, crowd);
  await startAppWorker(t, vestnik.env, 'bot');
  const presses = crowd.map((member) => pressConfirm(vestnik, member));
  await vestnik.telegram.until(() => presses.some((pressed) => pressed.answer()));
  await listening.kill();
  assert.notEqual(presses.filter((pressed) => pressed.answer() === null).length, 0);
  const answers = await answersTo(presses);
  assert.deepEqual([...new Set(answers)], ['Запись отменена']);
  await untilQuiet(vestnik);
  await vestnik.settled();
  await assertCancelledOnce(vestnik, crowd);
});
