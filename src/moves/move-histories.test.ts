import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openTestDatabase } from '#test/support/database.ts';
import { FATES } from '#test/support/move-post.ts';
import { type Emitted, type MovePerson, openMoveWorld, SPECIALISTS } from '#test/support/move-world.ts';

type World = Awaited<ReturnType<typeof openMoveWorld>>;

const WINDOW_MS = 5_000;
const LONG_S = 300;
const ALL = Number.POSITIVE_INFINITY;
const PEOPLE = ['client', 'olga', ...SPECIALISTS] as const satisfies MovePerson[];

const moves = (emitted: readonly Emitted[]) => emitted.filter(({ event }) => event.type === 'booking_rescheduled');
const versionsOf = ({ event }: Emitted) => event.merged ?? [event.change?.version ?? 0];

const by = fc.constantFrom<(MovePerson | null)[]>(null, null, null, null, null, 'client', 'olga', 'anna', 'vera');
const hour = fc.integer({ min: 13, max: 14 });
const duration = fc.constantFrom(60, 90);
const to = fc.oneof(
  fc.record({ hour }),
  fc.record({ duration }),
  fc.record({ specialist: fc.constantFrom(...SPECIALISTS) }),
);
const delivery = fc.record({
  kind: fc.constant('deliver' as const),
  most: fc.integer({ min: 1, max: 9 }),
  fate: fc.oneof({ weight: 8, arbitrary: fc.constant('delivered' as const) }, fc.constantFrom(...FATES)),
  to: fc.option(fc.constantFrom(...PEOPLE), { nil: undefined }),
});
const command = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('move' as const), by, to }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('silence' as const), to: fc.record({ hour }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(10, 1_000, 6_000) }) },
  { weight: 8, arbitrary: delivery },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('look' as const), isKilled: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('list' as const), of: fc.constantFrom(...SPECIALISTS) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'remind' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'replay' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('window' as const), s: fc.constantFrom(0, 5, 8, LONG_S) }) },
);
type Command = typeof command extends fc.Arbitrary<infer One> ? One : never;

const move = (to: { hour: number } | { duration: number } | { specialist: MovePerson }, by: MovePerson | null = null) =>
  ({ kind: 'move', by, to }) as Command;
const deliver = (most: number, options: Partial<Extract<Command, { kind: 'deliver' }>> = {}): Command => ({
  ...{ kind: 'deliver', most, fate: 'delivered', to: undefined },
  ...options,
});

const anybody = fc.constantFrom(...PEOPLE);
/** Whatever may tell somebody of a place in between, or leave them without the place before. */
const meanwhile = fc.oneof(
  fc.constantFrom(...SPECIALISTS).map((of): Command[] => [{ kind: 'list', of }, deliver(9)]),
  fc.constant<Command[]>([{ kind: 'replay' }, deliver(9)]),
  fc.constant<Command[]>([{ kind: 'remind' }, move({ duration: 90 }), deliver(9)]),
  anybody.map((to): Command[] => [deliver(9, { to })]),
  fc.tuple(anybody, fc.constantFrom(...FATES)).map(([to, fate]): Command[] => [deliver(1, { fate, to })]),
  fc.tuple(hour, hour).map(([hour, next]): Command[] => [{ kind: 'silence', to: { hour } }, move({ hour: next })]),
  fc.array(command, { maxLength: 2 }),
);
/** There and back: by itself that is rare. */
const round = fc
  .tuple(by, meanwhile, fc.boolean(), meanwhile)
  .map(([first, before, isDelivered, between]): Command[] => [
    ...[move({ hour: 13 }, first), ...before, ...(isDelivered ? [deliver(9)] : []), move({ hour: 14 })],
    ...[...between, move({ duration: 60 }), move({ hour: 13 })],
  ]);
const steps = fc.oneof({ weight: 6, arbitrary: command.map((one) => [one]) }, { weight: 1, arbitrary: round });
const histories = fc.record({
  commands: fc
    .tuple(fc.array(steps, { minLength: 2, maxLength: 12 }), fc.oneof(fc.constant([]), round))
    .map(([parts, last]) => [...parts.flat(), ...last]),
  cancelledBy: fc.option(by, { nil: undefined, freq: 2 }),
});

type History = typeof histories extends fc.Arbitrary<infer One> ? One : never;

const long: Command = { kind: 'window', s: LONG_S };

/** Each has once left somebody with what did not hold any more. */
const EXAMPLES: Readonly<Record<string, Command[]>> = {
  'the message that it left her is dropped, as she has it again; then it leaves her for good': [
    ...[deliver(9), move({ specialist: 'vera' }), move({ specialist: 'anna' })],
    ...[deliver(3), move({ specialist: 'galina' })],
  ],
  'a confirmation that was held up tells of a place in between': [
    ...[deliver(9, { to: 'olga' }), deliver(9, { to: 'anna' }), move({ hour: 13 }, 'client')],
    ...[deliver(9, { to: 'olga' }), deliver(9, { to: 'anna' }), move({ hour: 14 })],
    ...[deliver(9, { to: 'client' }), move({ hour: 13 })],
  ],
  'a list of the day tells of a place in between': [
    ...[deliver(9), move({ hour: 13 }), deliver(9), move({ hour: 14 })],
    ...[{ kind: 'list', of: 'anna' } as const, deliver(9), move({ hour: 13 })],
  ],
  'a reminder tells of a place in between': [
    ...[long, deliver(9), move({ hour: 13 }), deliver(9), { kind: 'remind' } as const, move({ duration: 90 })],
    ...[deliver(9), move({ duration: 60 })],
  ],
  'the first move has died for somebody': [
    ...[deliver(9), move({ hour: 13 }), deliver(1, { fate: 'dead', to: 'client' }), deliver(9)],
    ...[move({ hour: 14 }), move({ hour: 13 })],
  ],
  'the first move is sent once more while the next waits': [
    ...[deliver(9), move({ hour: 13 }), deliver(1, { fate: 'dead', to: 'client' }), deliver(9), move({ hour: 14 })],
    ...[{ kind: 'replay' } as const, deliver(9), move({ hour: 13 })],
  ],
  'a change in silence comes first': [
    ...[deliver(9), move({ hour: 13 }), deliver(9), { kind: 'silence', to: { hour: 14 } } as const],
    ...[move({ hour: 13 }), move({ hour: 14 })],
  ],
};

async function obey(world: World, command: Exclude<Command, { kind: 'move' | 'silence' }>): Promise<void> {
  switch (command.kind) {
    case 'wait':
      return world.wait(command.ms);
    case 'deliver':
      return await world.deliver(command.most, command);
    case 'look':
      return await world.look(command.isKilled);
    case 'list':
      return world.list(command.of);
    case 'replay':
      return world.replay();
    case 'remind':
      world.wait(61_000);
      return (await world.isOpen()) ? await world.remind() : undefined;
    case 'window':
      return await world.mergeFor(command.s);
    default:
      return command satisfies never;
  }
}

/** Runs them, then lets everything that is under way end; answers the versions of the moves of which somebody is to hear. */
async function live(world: World, { commands, cancelledBy }: History): Promise<number[]> {
  const versions: number[] = [];
  let isSilent = false;
  const change = async (by: MovePerson | null, to: Parameters<World['move']>[1], notify: boolean) => {
    const before = JSON.stringify(await world.state());
    const version = await world.move(by, to, notify);
    if (before === JSON.stringify(await world.state())) return;
    isSilent = !notify;
    if (notify) versions.push(version);
  };
  for (const command of commands)
    if (command.kind === 'silence') await change(null, command.to, false);
    else if (command.kind !== 'move') await obey(world, command);
    else if (await world.mayAct(command.by)) await change(command.by, command.to, true);
  // Of what was done in silence people hear with the next change.
  if (isSilent) await change(null, { hour: 15 }, true);
  if (cancelledBy !== undefined && (await world.mayAct(cancelledBy))) await world.cancel(cancelledBy);
  for (let left = 2; left > 0; left -= 1) {
    world.wait(LONG_S * 1000);
    await world.look();
    await world.deliver(ALL);
  }
  return versions;
}

/** Those of one person come a window apart, but where another's lies between or something had to wait for them. */
function assertApart(emitted: readonly Emitted[]): void {
  const told = moves(emitted);
  for (const [index, { event, at, isAhead }] of told.entries()) {
    const before = told[index - 1];
    if (!before || isAhead || before.event.initiated_by.user_id !== event.initiated_by.user_id) continue;
    assert.ok(at - before.at >= WINDOW_MS, `${event.id} comes ${at - before.at} ms after ${before.event.id}`);
  }
}

/** Of whoever was given up nobody can say what they know. */
async function assertKnown(world: World): Promise<void> {
  const [end, isOpen] = [await world.meant(), await world.isOpen()];
  for (const person of PEOPLE) {
    if (world.isGivenUp(person)) continue;
    const told = world.told(person);
    const isConcerned = person === 'client' || person === 'olga' || end.endsWith(person);
    if (isConcerned) assert.equal(told, end, person);
    else assert.ok(told === undefined || told === 'left' || (!isOpen && told === 'cancelled'), `${person}: ${told}`);
  }
}

async function check(world: World, history: History): Promise<void> {
  await world.begin(WINDOW_MS / 1000);

  const versions = await live(world, history);
  const emitted = world.emitted();
  assert.deepEqual(moves(emitted).flatMap(versionsOf), versions);
  if (!history.commands.some(({ kind }) => kind === 'window')) assertApart(emitted);
  assert.deepEqual(await world.windows(), []);
  assert.ok(emitted.every(({ event }, index) => event.type !== 'booking_cancelled' || !emitted[index + 1]));
  await assertKnown(world);
}

for (const [name, commands] of Object.entries(EXAMPLES))
  test(`everybody knows how it stands though ${name}`, async (t) => {
    const world = await openMoveWorld(await openTestDatabase(t));
    await check(world, { commands, cancelledBy: undefined });
  });

test('whatever happens: each move is told once, none too soon, and what people have in mind is how it stands', async (t) => {
  const world = await openMoveWorld(await openTestDatabase(t));
  await fc.assert(
    fc.asyncProperty(histories, async (history) => await check(world, history)),
    { numRuns: 250 },
  );
});
