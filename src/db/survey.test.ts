import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { describeOnEachDatabase, openTestDatabase, temporaryFile } from '#test/support/database.ts';
import { Company } from './entities.ts';
import { constraintOf, isDatabaseAway } from './errors.ts';
import { findRows } from './rows.ts';

const run = promisify(execFile);
const AT = new Date('2026-01-28T11:00:00.000Z');
/** Some hundred milliseconds of counting. */
const LONG =
  'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT COUNT(*) AS count FROM n';

describeOnEachDatabase('a survey', ({ open }) => {
  test('sees what was written before it, values and all', async (t) => {
    const database = await open(t);
    const name = 'it\'s "raw" ? ??';
    await database.write((tx) => tx.insert(Company, { name, time_zone: 'UTC', created_at: AT }));
    const found = await findRows(database.survey(), Company, { name, created_at: AT });
    assert.deepEqual([found[0]?.name, found[0]?.created_at], [name, AT]);
    assert.deepEqual(await database.survey().execute('SELECT name FROM companies WHERE name = ?', [name]), [{ name }]);
    assert.equal(await database.survey().count(Company, { created_at: { $gt: AT } }), 0);
  });

  test('changes nothing', async (t) => {
    const database = await open(t);
    const insert = database.survey().insert(Company, { name: 'x', time_zone: 'UTC', created_at: AT });
    await assert.rejects(insert, (error) => /read-?only/.test(String(error)) && constraintOf(error) === null);
    assert.equal(await database.read().count(Company), 0);
  });

  test('says what the database says of bad SQL', async (t) => {
    const database = await open(t);
    await assert.rejects(database.survey().execute('SELECT nothing FROM companies'), /nothing/);
    assert.equal(await database.survey().count(Company), 0);
  });
});

test('a survey that takes long holds up neither reads nor writes, nor anything else', async (t) => {
  const database = await openTestDatabase(t);
  await database.survey().count(Company);
  let isCounted = false;
  const counted = database
    .survey()
    .execute(LONG)
    .then((rows) => {
      isCounted = true;
      return rows;
    });
  await database.write((tx) => tx.insert(Company, { name: 'x', time_zone: 'UTC', created_at: AT }));
  assert.equal(await database.read().count(Company), 1);
  assert.equal(isCounted, false);
  assert.deepEqual(await counted, [{ count: 3_000_000 }]);
});

test('a survey under way fails when the database is closed', async (t) => {
  const database = await openTestDatabase(t);
  const counted = assert.rejects(database.survey().execute(LONG), isDatabaseAway);
  await database.close();
  await counted;
  await assert.rejects(database.survey().count(Company), isDatabaseAway);
});

test('surveys work where the sources run as they are, without a build', async (t) => {
  const path = await temporaryFile(t);
  const program = `
    import { openDatabase } from '#src/db/database.ts';
    import { createLog } from '#src/observability/log.ts';
    const database = await openDatabase({ database: { kind: 'sqlite', path: ${JSON.stringify(path)} }, log: createLog('silent') });
    await database.migrate();
    console.log(JSON.stringify(await database.survey().execute('SELECT COUNT(*) AS count FROM companies')));
    await database.close();`;
  const { stdout } = await run(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program]);
  assert.deepEqual(JSON.parse(stdout), [{ count: 0 }]);
});

test('reads that follow each other without an end leave everything else its turn', async (t) => {
  const database = await openTestDatabase(t);
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
  }, 20);
  while (!isOver) await database.read().count(Company);
  clearTimeout(timer);
});
