import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from './support/command-line.ts';
import { eventually } from './support/eventually.ts';
import { openLive } from './support/live-client.ts';
import { openSalon, shown } from './support/salon.ts';
import { startVestnik } from './support/vestnik.ts';

test('vestnik broadcast does on a Vestnik that runs all that the API can', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { companyId } = salon;
  const { id: clientId } = salon.people.client;
  const command = (...args: string[]) =>
    run(['broadcast', ...args, '--url', vestnik.url], { ADMIN_API_KEY: 'test-admin-key' });
  const toRussians = ['--company', String(companyId), '--locale', 'ru'];

  await t.test('create --watch sends to those who are asked for, and shows the end, as /v1/live does', async (t) => {
    const live = await openLive(t, Number(new URL(vestnik.url).port), { query: `?company_id=${companyId}` });
    const file = join(vestnik.dataDir, 'news.html');
    await writeFile(file, '<b>Скидки</b> всем\n');
    const { code, stdout, stderr } = await command('create', ...toRussians, '--html-file', file, '--watch');
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^Broadcast \d+ goes out now\.$/m);
    assert.match(stdout, /^status +completed$/m);
    assert.match(stdout, /^sent +4 \(telegram: 4\)$/m);
    assert.match(shown(vestnik, salon, 'client')[0] ?? '', /^Скидки всем/);
    assert.deepEqual(shown(vestnik, salon, 'other_admin'), []);
    await eventually(() => assert.equal(live.told.at(-1)?.status, 'completed'));
    const { id, progress } = live.told.at(-1);
    const { body } = await vestnik.call('GET', `/v1/broadcasts/${id}`);
    assert.deepEqual([progress.sent, Object.keys(live.told.at(-1))], [4, Object.keys(body)]);
  });

  await t.test('preview tells who would hear it, shows it, and sends it to nobody but the one named', async () => {
    const audience = [...toRussians, '--user', String(clientId), '--role', 'client'];
    const before = shown(vestnik, salon, 'client').length;
    const shownText = await command('preview', ...audience, '--html', '<i>Новости</i>');
    assert.match(shownText.stdout, /^audience +1\n[\s\S]+<i>Новости<\/i>/);
    const tested = await command('preview', ...audience, '--html', 'x', '--send-test-to', String(clientId), '--json');
    const { test } = JSON.parse(tested.stdout);
    assert.equal(test.user_id, clientId);
    assert.match((await command('status', String(test.broadcast_id), '--watch')).stdout, /^sent +1 /m);
    assert.equal(shown(vestnik, salon, 'client').length, before + 1);
  });

  await t.test('a broadcast is listed, paused and cancelled', async () => {
    const body = { company_id: companyId, audience: {}, content: { tg_html: 'x' }, send_at: '2027-01-01T00:00:00Z' };
    const { id } = (await vestnik.call('POST', '/v1/broadcasts', body)).body;
    for (const [act, state] of [
      ['pause', 'paused'],
      ['cancel', 'cancelled'],
    ] as const)
      assert.match((await command(act, String(id))).stdout, new RegExp(`^status +${state}$`, 'm'));
    const [late, listed, page] = await Promise.all([
      command('resume', String(id)),
      command('list', '--company', String(companyId), '--status', 'cancelled'),
      command('list', '--limit', '1'),
    ]);
    assert.deepEqual([late.code, late.stdout], [1, '']);
    assert.match(late.stderr, /^vestnik: [^\n]*cancelled[^\n]*\n$/);
    assert.match(listed.stdout, new RegExp(`^${id} +${companyId} +cancelled +2027-01-01T`, 'm'));
    assert.match(page.stdout, /^There are more: --after \S+$/m);
  });

  await t.test('a refusal is one line that names the field or the key', async () => {
    const [push, key] = await Promise.all([
      command('create', ...toRussians, '--html', 'x', '--push-title', 'a', '--push-body', 'b', '--push-url', 'ftp://x'),
      run(['broadcast', 'list', '--url', vestnik.url], { ADMIN_API_KEY: 'another-key' }),
    ]);
    assert.match(push.stderr, /^vestnik: content\.push\.url must be an https address\n$/);
    assert.match(
      key.stderr,
      /^vestnik: Vestnik at \S+: the API key is not known; check ADMIN_API_KEY, or --key-file\n$/,
    );
    assert.deepEqual([push.code, key.code], [1, 1]);
  });
});
