import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { type Emitted, openMoveWorld } from '#test/support/move-world.ts';
import { nextMoveWindows } from '../db/move-windows.ts';
import { closeDueWindows } from './move-windows.ts';

type World = Awaited<ReturnType<typeof openMoveWorld>>;

const WINDOW_MS = 5_000;
const ALL = Number.POSITIVE_INFINITY;

const moves = (emitted: readonly Emitted[]) => emitted.filter(({ event }) => event.type === 'booking_rescheduled');
const versionsOf = ({ event }: Emitted) => event.merged ?? [event.change?.version ?? 0];

async function opened(world: World): Promise<void> {
  await world.begin(WINDOW_MS / 1000);
  await world.deliver(ALL);
}

describeOnEachDatabase('moves of one booking', (databases) => {
  test('within five seconds become two messages, and two schedulers send the second once', async (t) => {
    const [database, other] = await databases.openTwice(t);
    const world = await openMoveWorld(database);
    await opened(world);
    for (const hour of [13, 14, 15, 16, 17]) {
      await world.move(null, { hour });
      await world.deliver(ALL);
      world.wait(100);
    }
    assert.deepEqual(moves(world.emitted()).map(versionsOf), [[2]]);
    world.wait(WINDOW_MS);
    await world.look(true);
    assert.equal(moves(world.emitted()).length, 1);
    await Promise.all([world.look(), closeWith(other, world)]);
    assert.deepEqual(moves(world.emitted()).map(versionsOf), [[2], [3, 4, 5, 6]]);
    await world.deliver(ALL);
    assert.equal(world.told('client'), await world.meant());
    world.wait(WINDOW_MS);
    await world.look();
    assert.deepEqual(await world.windows(), []);
  });

  test('that lead back are told to nobody who knows where they began, and else to everybody', async (t) => {
    const database = await databases.open(t);
    const world = await openMoveWorld(database);
    for (const isTold of [true, false]) {
      await opened(world);
      await world.move(null, { hour: 13 });
      if (isTold) await world.deliver(ALL);
      await world.move(null, { hour: 14 });
      await world.deliver(ALL);
      await world.move(null, { hour: 13 });
      world.wait(WINDOW_MS);
      await world.look();
      await world.deliver(ALL);
      const [first, last] = moves(world.emitted()).map(({ event }) => event);
      assert.deepEqual([last?.merged, last?.after?.event_id], [[3, 4], isTold ? first?.id : undefined]);
      const rows = await database
        .read()
        .execute<{ reason: string | null }[]>('SELECT reason FROM deliveries WHERE event_id = ?', [last?.id]);
      const reason = isTold ? 'moved_back' : null;
      assert.deepEqual(
        rows.map((row) => row.reason),
        [reason, reason, reason],
      );
      assert.equal(world.told('client'), await world.meant());
    }
  });

  test('that wait go out before the booking ends, whoever ends it', async (t) => {
    const world = await openMoveWorld(await databases.open(t));
    await opened(world);
    await world.move(null, { hour: 13 });
    await world.move(null, { hour: 14 });
    await world.cancel('client');
    assert.deepEqual(
      world.emitted().map(({ event }) => event.type),
      ['booking_created', 'booking_rescheduled', 'booking_rescheduled', 'booking_cancelled'],
    );
    await world.deliver(ALL);
    assert.deepEqual([world.told('anna'), world.told('client')], ['cancelled', await world.meant()]);
    assert.deepEqual(await world.windows(), []);
  });

  test('that hand it over go out at once, behind what waits, so that each specialist hears of it', async (t) => {
    const world = await openMoveWorld(await databases.open(t));
    await opened(world);
    await world.move(null, { hour: 13 });
    await world.move(null, { hour: 14 });
    for (const specialist of ['vera', 'galina', 'anna'] as const) {
      await world.move(null, { specialist });
      await world.deliver(ALL);
      assert.equal(world.told(specialist), await world.meant());
    }
    assert.deepEqual(moves(world.emitted()).map(versionsOf), [[2], [3], [4], [5], [6]]);
    assert.deepEqual([world.told('vera'), world.told('galina')], ['left', 'left']);
    await world.move(null, { hour: 15 });
    assert.equal(moves(world.emitted()).length, 5);
  });

  test('that wait go out before a reminder', async (t) => {
    const world = await openMoveWorld(await databases.open(t));
    await opened(world);
    await world.move(null, { hour: 13 });
    await world.move(null, { hour: 14 });
    world.wait(61_000);
    await world.remind();
    assert.deepEqual(
      world.emitted().map(({ event }) => event.type),
      ['booking_created', 'booking_rescheduled', 'booking_rescheduled', 'booking_reminder'],
    );
    await world.deliver(ALL);
    assert.deepEqual([world.told('anna'), world.told('client')], [await world.meant(), await world.meant()]);
  });

  test('that are made in silence open no window, and leave alone what waits', async (t) => {
    const world = await openMoveWorld(await databases.open(t));
    await opened(world);
    await world.move(null, { hour: 13 }, false);
    assert.deepEqual(await world.windows(), []);
    await world.move(null, { hour: 14 });
    await world.deliver(ALL);
    await world.move(null, { hour: 15 });
    await world.move(null, { hour: 16 }, false);
    world.wait(WINDOW_MS);
    await world.look();
    assert.deepEqual(moves(world.emitted()).map(versionsOf), [[3], [4]]);
    await world.deliver(ALL);
    assert.equal(world.told('client'), await world.meant());
  });
});

async function closeWith(other: Parameters<typeof openMoveWorld>[0], world: World): Promise<void> {
  const due = await nextMoveWindows(other.read(), 10);
  const now = new Date(world.now());
  await other.write((tx) =>
    closeDueWindows(
      tx,
      due.map(({ booking_id }) => booking_id),
      now,
    ),
  );
}
