import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Command } from 'commander';
import { run } from '#test/support/command-line.ts';
import { openSqliteFile, temporaryFile } from '#test/support/database.ts';
import { eventually } from '#test/support/eventually.ts';
import { insertCompany } from '#test/support/rows.ts';
import { digestOf } from '../keys/api-key.ts';
import { createKeyRing } from '../keys/key-ring.ts';
import { createLog } from '../observability/log.ts';
import { addKeysCommands } from './keys.ts';

/** A database that a Vestnik has open, with one company. */
async function open(t: TestContext) {
  const path = await temporaryFile(t);
  const database = await openSqliteFile(t, path);
  await database.migrate();
  const { company_id } = await database.write(insertCompany);
  const ring = createKeyRing({ database, clock: () => new Date(), log: createLog('silent') });
  await ring.start();
  t.after(() => ring.stop());
  const keys = (...args: string[]) => run(['keys', ...args], { DATABASE_URL: `sqlite:${path}` });
  return { company_id, keys, find: (key: string) => ring.find(key, digestOf(key)) };
}

test('keys are made, shown once, listed and revoked while the product runs', async (t) => {
  const { company_id, keys, find } = await open(t);
  const company = ['--company', String(company_id)];
  const made = await keys('create', ...company, '--name', 'crm', '--scope', 'bookings:write,read');
  assert.deepEqual([made.code, made.stderr], [0, '']);
  const [, key = ''] = /^(vk_[\w-]{43})\nKey 1 of company 1 may bookings:write, read\. .+\n$/.exec(made.stdout) ?? [];
  const found = await eventually(() => {
    const held = find(key);
    assert.notEqual(held, undefined);
    return held;
  }, 5_000);
  assert.deepEqual([found?.company_id, [...(found?.scopes ?? [])]], [company_id, ['bookings:write', 'read']]);

  const json = ['--scope', 'read', '--expires', '2100-01-01', '--json'];
  const second = JSON.parse((await keys('create', ...company, '--name', '\u001B[31mред', ...json)).stdout);
  assert.deepEqual([second.id, second.expires_at, second.status], [2, '2100-01-01T00:00:00.000Z', 'active']);
  assert.equal((await keys('revoke', '1')).stdout, 'Key 1 is revoked.\n');
  await eventually(() => assert.equal(find(key), undefined), 5_000);
  assert.equal((await keys('revoke', '1')).code, 1);

  const [table, listed] = await Promise.all([keys('list'), keys('list', ...company, '--json')]);
  assert.match(table.stdout, /^ID +COMPANY +KEY +NAME +STATUS +SCOPES +EXPIRES +LAST USED$/m);
  assert.match(table.stdout, new RegExp(`^1 +1 +${key.slice(0, 11)}… +crm +revoked +bookings:write,read +–`, 'm'));
  assert.match(table.stdout, /^2 +1 +vk_\S{8}… + \[31mред +active +read +2100-01-01T00:00:00.000Z +–$/m);
  const { items } = JSON.parse(listed.stdout);
  assert.deepEqual(
    items.map(({ id, status }: { id: number; status: string }) => [id, status]),
    [
      [1, 'revoked'],
      [2, 'active'],
    ],
  );
  const shown = table.stdout + listed.stdout;
  for (const secret of [key, second.key, digestOf(key).toString('hex')]) assert.equal(shown.includes(secret), false);
});

test('a wrong command makes no key and says in a line what is wrong', async (t) => {
  const { keys } = await open(t);
  const good = { '--company': '1', '--name': 'crm', '--scope': 'read' };
  const create = (change: Record<string, string>) => ['create', ...Object.entries({ ...good, ...change }).flat()];
  const [nobody, past] = await Promise.all([
    keys(...create({ '--company': '2' })),
    keys(...create({ '--expires': '2020-01-01' })),
  ]);
  for (const { code, stdout, stderr } of [nobody, past]) {
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^vestnik: [^\n]+\n$/);
  }
  assert.equal((await keys('list')).stdout, 'There are no keys.\n');
});

for (const [option, value] of [
  ['--company', '0'],
  ['--company', '9999999999'],
  ['--name', ' '],
  ['--scope', ''],
  ['--scope', 'read,admin'],
  ['--expires', '2100-02-30'],
  ['--expires', 'tomorrow'],
] as const)
  test(`${option} ${JSON.stringify(value)} is refused before the database is opened`, async () => {
    const said: string[] = [];
    const program = new Command().exitOverride().configureOutput({ writeErr: (text) => said.push(text) });
    addKeysCommands(program);
    const good = { '--company': '1', '--name': 'crm', '--scope': 'read', [option]: value };
    const parsed = program.parseAsync(['keys', 'create', ...Object.entries(good).flat()], { from: 'user' });
    await assert.rejects(parsed, { code: 'commander.invalidArgument' });
    assert.match(said.join(''), new RegExp(`^error: .*${option}.+\\n$`));
  });
