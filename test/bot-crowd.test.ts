import assert from 'node:assert/strict';
import { test } from 'node:test';
import { untilQuiet } from './support/chat-cards.ts';
import { answersTo, askAll, assertCancelledOnce, openCrowd, pressConfirm } from './support/crowd.ts';
import { openSalon } from './support/salon.ts';
import { startVestnik } from './support/vestnik.ts';

const NOBODY = { tg_id: null };

test('a thousand clients who confirm at the same time each cancel their own booking, once', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik, { specialist: NOBODY, admin: NOBODY, other_admin: NOBODY });
  const crowd = await openCrowd(vestnik, salon, 1000);
  await askAll(vestnik, crowd);
  const answers = await answersTo(crowd.map((member) => pressConfirm(vestnik, member)));
  assert.deepEqual([...new Set(answers)], ['Запись отменена']);
  await untilQuiet(vestnik);
  await vestnik.settled();
  await assertCancelledOnce(vestnik, crowd);
});

test('people who press twice in the same tick cancel once; the second press is answered in silence', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik, { specialist: NOBODY, admin: NOBODY, other_admin: NOBODY });
  const crowd = await openCrowd(vestnik, salon, 20);
  await askAll(vestnik, crowd);
  const answers = await answersTo(crowd.flatMap((one) => [pressConfirm(vestnik, one), pressConfirm(vestnik, one)]));
  assert.deepEqual(
    answers,
    crowd.flatMap(() => ['Запись отменена', '']),
  );
  await untilQuiet(vestnik);
  await vestnik.settled();
  await assertCancelledOnce(vestnik, crowd);
});
