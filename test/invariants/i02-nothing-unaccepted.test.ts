import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBookingService } from '#src/bookings/booking-service.ts';
import { openDatabase } from '#src/db/database.ts';
import { createLog } from '#src/observability/log.ts';
import { createDeadLetterKeeper } from '#streams/dead-letter-keeper.ts';
import { publish, relay } from '#streams/publisher.ts';
import { eventually } from '../support/eventually.ts';
import { KEYS } from '../support/partition.ts';
import { startTestRedis } from '../support/redis.ts';
import { openSalon, type Salon, shown } from '../support/salon.ts';
import { startVestnik, type Vestnik } from '../support/vestnik.ts';
import { createJournal } from './journal.ts';
import { addEvents, startOwner, untilQuiet } from './owner.ts';

const publication = (n: number) => ({ key: `1:${n}`, event: JSON.stringify({ n, to: ['a'] }) });

test('I2: of events that were refused for the backlog, or offered under a stale token, nothing is delivered', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  await publish(server.redis, KEYS, [publication(1), publication(2)], 3);
  await server.redis.set(KEYS.relayLease, 'another');
  const stale = { token: 'stale', redelivered: false, publications: [publication(3)] };
  await assert.rejects(relay(server.redis, KEYS, stale), /FENCED/);
  await publish(server.redis, KEYS, [publication(4)], 3);
  await assert.rejects(publish(server.redis, KEYS, [publication(5), publication(6)], 3), /BACKLOG/);
  startOwner(t, server, journal);
  await addEvents(server, [{ n: 7, to: ['a'] }]);
  await eventually(() => assert.equal(journal.closed().at(-1), 7));
  assert.deepEqual(journal.closed(), [1, 2, 4, 7]);
});

test('I2: a replay is for its recipient, and reaches nobody else', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  let broken = true;
  const { note } = journal;
  // Without a look into the delivery log, which would hide a replay that goes too far.
  startOwner(
    t,
    server,
    { note },
    {
      async send(event) {
        const fails = broken && event.n === 1;
        return fails
          ? { kind: 'failed', failure: { code: 'refused', message: 'no' } }
          : { kind: 'done', receipt: 'ok' };
      },
    },
  );
  await addEvents(server, [{ n: 1, to: ['a', 'b', 'c'] }]);
  await untilQuiet(server);
  broken = false;
  const before = journal.sends().length;
  const keeper = createDeadLetterKeeper({ redis: server.redis, keys: KEYS });
  const letters = await keeper.list({ after: '', count: 10 });
  assert.equal(letters.length, 3);
  const ofB = letters.find(({ recipient }) => recipient === 'b');
  await keeper.replay([ofB?.id ?? '']);
  await addEvents(server, [{ n: 2, to: ['d'] }]);
  await untilQuiet(server);
  const after = journal.sends().slice(before);
  assert.deepEqual(after.map(({ n, recipient }) => `${n} ${recipient}`).toSorted(), ['1 b', '2 d']);
});

const numbersIn = (vestnik: Vestnik, salon: Salon): number[] =>
  shown(vestnik, salon, 'admin').map((text) => Number(/#(\d+)/.exec(text)?.[1]));

test('I2: of bookings that were refused or rolled back nobody hears, of their neighbours everybody', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'vestnik-refused-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'vestnik.sqlite');
  const vestnik = await startVestnik(t, { env: { DATABASE_URL: `sqlite:${path}` } });
  const salon = await openSalon(vestnik);
  const { companyId: company_id, people, serviceId: service_id, locationId: location_id } = salon;
  const specialist_id = people.specialist.id;
  const body = { company_id, client_id: people.client.id, specialist_id, service_id, location_id };
  const hour = (n: number) => new Date(Date.UTC(2027, 3, 1, n)).toISOString();

  const rivals = await Promise.all(
    [1, 1, 1, 2, 2, 3].map((n) => vestnik.call('POST', '/v1/bookings', { ...body, starts_at: hour(n) })),
  );
  const accepted = rivals.filter(({ status }) => status === 201).map((answer) => answer.body.id as number);
  assert.equal(accepted.length, 3);
  const broken = await vestnik.call('POST', '/v1/bookings', { ...body, service_id: 0, starts_at: hour(4) });
  assert.equal(broken.status >= 400, true);

  const database = await openDatabase({ database: { kind: 'sqlite', path }, log: createLog('silent') });
  t.after(() => database.close());
  const bookings = createBookingService({
    database,
    clock: () => new Date(),
    newId: () => crypto.randomUUID(),
    onCommitted: () => undefined,
  });
  const plain = { ...body, external_id: null, allow_overlap: false, notify: true };
  const nobody = { user_id: null, role: 'system', channel: 'api' } as const;
  const bookAt = (n: number, andThen: () => void) =>
    bookings.commit(async (tx) => {
      const { id } = await bookings.create(tx, { ...plain, starts_at: new Date(hour(n)) }, nobody);
      andThen();
      return id;
    });
  const outcomes = await Promise.allSettled([
    bookAt(5, () => undefined),
    bookAt(6, () => {
      throw new Error('changed our mind');
    }),
    bookAt(7, () => undefined),
  ]);
  for (const outcome of outcomes) if (outcome.status === 'fulfilled') accepted.push(outcome.value);
  assert.equal(accepted.length, 5);

  await eventually(() => assert.equal(numbersIn(vestnik, salon).length >= 5, true));
  await vestnik.settled();
  await sleep(50);
  assert.deepEqual(numbersIn(vestnik, salon).toSorted(), accepted.toSorted());
});
