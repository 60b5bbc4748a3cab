import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './support/eventually.ts';
import { openSalon, shown } from './support/salon.ts';
import { startVestnik } from './support/vestnik.ts';

test('a booking made through the API reaches the client, the specialist and the admins', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { id } = await salon.book('client');
  await eventually(() => {
    assert.deepEqual(shown(vestnik, salon, 'admin'), [
      `📅 Новая запись #${id}

👤 Иван Петров
📞 +7 999 123-45-67
📍 Центр
💇 Стрижка · 60 мин
🕐 28.01.2027 14:00
👨‍💼 Анна`,
    ]);
    for (const person of ['client', 'specialist', 'other_admin'] as const)
      assert.equal(shown(vestnik, salon, person).length, 1);
  });
  assert.deepEqual(shown(vestnik, salon, 'other_specialist'), []);
  await eventually(async () => assert.equal(await vestnik.redis.redis.xlen('events:p2p'), 0));
});
