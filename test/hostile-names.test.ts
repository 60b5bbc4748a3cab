import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSalon, shown } from './support/salon.ts';
import { startVestnik } from './support/vestnik.ts';

const NAMES = {
  markup: '<b>Боб</b> <a href="tg://user?id=1">&amp;</a> </b> & "кавычки"',
  long: 'Ы'.repeat(5000),
  'long markup': '<&'.repeat(2500),
  emoji: '👩‍👩‍👧‍👦'.repeat(300),
  'right to left': 'שלום \u202Eevil\u202C مرحبا',
  'line breaks that forge card lines': 'Иван\n📞 +7 000\r\n\u0001\u2028🕐 завтра',
  'lone surrogate': 'Иван \uD800 Петров',
};

for (const [what, name] of Object.entries(NAMES))
  test(`a name with ${what} arrives as text, and everybody is told`, async (t) => {
    const vestnik = await startVestnik(t);
    const wellFormed = name.isWellFormed();
    if (!wellFormed) {
      const company = await vestnik.create('/v1/companies', { name: 'Весна', time_zone: 'Europe/Moscow' });
      const user = { company_id: company.id, role: 'client', name };
      const { status, body } = await vestnik.call('POST', '/v1/users', user);
      assert.equal(status, 422);
      assert.equal(body.errors[0].field, 'name');
      return;
    }
    const salon = await openSalon(vestnik, { client: { name }, specialist: { name } });
    const { id } = await salon.book('client');
    await vestnik.settled();
    for (const person of ['client', 'specialist', 'admin', 'other_admin'] as const)
      assert.equal(shown(vestnik, salon, person).length, 1, person);
    const [card = ''] = shown(vestnik, salon, 'admin');
    const lines = card.split('\n');
    assert.equal(lines.length, 8, card);
    assert.equal(lines[0], `📅 Новая запись #${id}`);
    assert.deepEqual(
      lines.slice(2).map((line) => [...line][0]),
      ['👤', '📞', '📍', '💇', '🕐', '👨'],
    );
    assert.equal(card.length < 1000, true);
    const sends = vestnik.telegram.requests().filter(({ method }) => method === 'sendmessage');
    const bad = sends.filter(({ outcome }) => outcome?.status !== 200);
    assert.deepEqual(bad, []);
    if (what === 'markup') assert.match(card, /<b>Боб<\/b> .* & "кавычки"/);
  });
