import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkReadiness } from './readiness.ts';

type Deps = Parameters<typeof checkReadiness>[0];
const WELL = { trouble: () => null };
const MIB = 1024 * 1024;

function check(deps: { [K in keyof Deps]?: unknown }) {
  const well = {
    database: { ping: async () => undefined },
    redis: { ping: async () => 'PONG' },
    redisTrouble: null,
    channels: { telegram: WELL, web_push: WELL },
    bot: WELL,
    scheduler: { troubles: () => [] },
    outboxLagMs: async () => 0,
    freeDiskBytes: async () => null,
  };
  return checkReadiness({ ...well, ...deps } as Deps);
}

const fails = async (): Promise<never> => {
  throw new Error('away');
};

describe('readiness', () => {
  test('is ok while everything is well, a busy moment of the outbox included', async () => {
    const ok = { ready: true, status: 'ok', reasons: [] };
    assert.deepEqual(await check({}), ok);
    assert.deepEqual(await check({ outboxLagMs: async () => 30_000, freeDiskBytes: async () => 512 * MIB }), ok);
  });

  test('names all that is degraded, and is still ready', async () => {
    const away = { trouble: () => 'why' };
    const { ready, status, reasons } = await check({
      redis: { ping: fails },
      channels: { telegram: away, web_push: away },
      bot: away,
      scheduler: { troubles: () => ['broadcasts', 'reminders'].map((what) => ({ what, reason: 'why' })) },
      outboxLagMs: async () => 41_900,
      freeDiskBytes: async () => 511.5 * MIB,
    });
    assert.deepEqual([ready, status], [true, 'degraded']);
    assert.deepEqual(reasons, [
      'redis: away; bookings are accepted, messages wait',
      'telegram: why; messages wait',
      'web_push: why; messages wait',
      'bot: why; updates wait',
      'scheduler: why; broadcasts wait',
      'scheduler: why; reminders wait',
      'outbox: an event has been waiting for 41 s; messages wait',
      'disk: 511 MiB are left; bookings fail when it is full',
    ]);
  });

  test('is not there without the database, whatever else is well', async () => {
    const reasons = ['database: does not answer'];
    assert.deepEqual(await check({ database: { ping: fails } }), { ready: false, status: 'unavailable', reasons });
  });

  test('says nothing of what it cannot look at', async () => {
    assert.equal((await check({ outboxLagMs: fails, freeDiskBytes: fails })).status, 'ok');
  });
});
