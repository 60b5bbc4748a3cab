import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CANARY, openFuzzWorld } from './fuzz-world.ts';
import { assertCivil } from './judge.ts';
import { describedOperations, type Operation, requestTo } from './operations.ts';
import { rawRequest } from './raw-socket.ts';

/**
 * Requests made of the API's own description, most of them right but for something. The seed is fixed, so that the test says the same
 * each time; `FUZZ_RUNS=500` tries so many on each route, from another seed each time, and `FUZZ_SEED` repeats one.
 */
const { FUZZ_RUNS, FUZZ_SEED } = process.env;
const seed = Number(FUZZ_SEED ?? (FUZZ_RUNS ? Date.now() % 2 ** 31 : 20_261_123));
const runs = Number(FUZZ_RUNS ?? 12);

const mediaType = (header: string | undefined): string | undefined => header?.split(';')[0];

test('every answer to a request made of the description is described, or a refusal as RFC 9457 has it', async (t) => {
  const { app, companyKey, keys } = await openFuzzWorld();
  t.diagnostic(`seed ${seed}`);
  const operations = await describedOperations(app.port);
  assert.equal(operations.length > 60, true);
  const statuses = new Map<number, number>();
  const opened = new Set<string>();

  async function judge(operation: Operation, bytes: Buffer): Promise<void> {
    const said = bytes.toString('utf8').slice(0, 1_000);
    const answer = await rawRequest(app.port, bytes);
    assert.ok(answer, `closed without an answer: ${said}`);
    assertCivil(answer, said);
    const { status, headers } = answer;
    if (bytes.includes(companyKey))
      assert.equal(answer.text.includes(CANARY), false, `tells of another company: ${said}`);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (status < 300) opened.add(`${operation.method} ${operation.path}`);
    // A path with something odd in it may be no route, or another.
    if ([404, 405].includes(status)) return;
    assert.equal(operation.answers.has(status), true, `${status} is not described: ${said}`);
    assert.equal(mediaType(headers['content-type']), mediaType(operation.answers.get(status)), `${status}: ${said}`);
  }
  try {
    for (const operation of operations)
      await fc.assert(
        fc.asyncProperty(requestTo(operation, keys[operation.opener ?? 'apiKey']), (bytes) => judge(operation, bytes)),
        { seed, numRuns: runs, endOnFailure: true },
      );
  } finally {
    for (const failure of app.failures()) t.diagnostic(JSON.stringify(failure));
  }

  t.diagnostic(JSON.stringify(Object.fromEntries([...statuses].sort())));
  t.diagnostic(`${opened.size} of ${operations.length} routes were opened`);
  assert.equal(opened.size > operations.length * 0.6, true);
  for (const status of [200, 201, 204, 400, 401, 404, 409, 422])
    assert.equal(statuses.has(status), true, `no ${status}`);
  assert.deepEqual(app.failures(), []);
  assert.equal((await app.measure()).polluted, 'no');
});
