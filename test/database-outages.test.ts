import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from './support/eventually.ts';
import { findPostgres, type PostgresServer, startPostgres } from './support/postgres.ts';
import { openSalon, type Person, shown } from './support/salon.ts';
import { startVestnik } from './support/vestnik.ts';

const bin = await findPostgres();

describe('a PostgreSQL that crashes', { skip: bin === null ? 'no PostgreSQL server is installed here' : false }, () => {
  let server: PostgresServer | undefined;
  after(() => server?.stop()); // after the app, which stops with its test

  test('buries, loses and repeats no message, whether it was planned, about to be sent or just sent', async (t) => {
    server = await startPostgres(bin ?? '');
    const vestnik = await startVestnik(t, { env: { DATABASE_URL: await server.createDatabase() } });
    const salon = await openSalon(vestnik);
    const { client, specialist, other_admin } = salon.people;
    const counts = (...people: Person[]) => people.map((person) => shown(vestnik, salon, person).length);

    vestnik.telegram.fault(client.chat, { kind: 'too_many_requests', retryAfter: 1 }, { times: 1 });
    vestnik.telegram.fault(specialist.chat, { kind: 'slow', ms: 500 }, { times: 1 });
    vestnik.telegram.fault(other_admin.chat, { kind: 'slow', ms: 500 }, { times: 1 });
    const { id } = await salon.book('client');
    await eventually(() => assert.deepEqual(counts('admin'), [1]));
    await server.kill();
    const event = {
      id: 'during',
      type: 'booking_reminder',
      company_id: salon.companyId,
      booking_id: id,
      initiated_by: { user_id: null, role: 'cron', channel: 'test' },
      ts: 1_706_000_000,
    };
    await vestnik.redis.redis.xadd('events:p2p', '*', 'event', JSON.stringify(event));
    // Attempts are 30 and 60 ms apart: all of them would be over by then.
    await sleep(2000);
    assert.deepEqual(counts('client', 'specialist', 'other_admin'), [0, 1, 1]);
    await server.start();
    await eventually(() => assert.deepEqual(counts('client', 'specialist'), [2, 2]), 20_000);
    await vestnik.settled();
    assert.deepEqual(counts('client', 'specialist', 'admin', 'other_admin'), [2, 2, 1, 1]);
    assert.equal(await vestnik.redis.redis.xlen('events:p2p:dead'), 0);
  });
});
