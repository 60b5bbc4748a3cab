import fc from 'fast-check';
import {
  type Action,
  type EventScript,
  type Fate,
  type History,
  type PlanFate,
  RECIPIENTS,
  type Target,
  tell,
} from './history.ts';

const among = <T>(...candidates: [weight: number, value: T][]): fc.Arbitrary<T> =>
  fc.oneof(...candidates.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));

const sendMs = among([12, 0], [8, 5], [8, 60], [8, 900], [4, 7000], [1, 20_000]);
const delayMs = among([4, 5], [3, 700], [1, 6500]);

const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('done' as const), ms: sendMs }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('failed' as const, 'thrown' as const), ms: sendMs }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('deferred' as const), ms: sendMs, delayMs }) },
);

/** A message that kills whoever sends it, once or whenever it is sent. */
const deadlyFates: fc.Arbitrary<Fate[]> = fc
  .record({ ms: sendMs, times: among([1, 1], [1, 2], [2, 4]) })
  .map(({ ms, times }) => Array.from({ length: times }, () => ({ kind: 'deadly', ms })));

const planFate: fc.Arbitrary<PlanFate> = fc.oneof(
  fc.record({ kind: fc.constantFrom('failed' as const, 'thrown' as const) }),
  fc.record({ kind: fc.constant('deferred' as const), delayMs: among([3, 5], [1, 700]) }),
);

const eventScript = (isDeadly: boolean): fc.Arbitrary<EventScript> =>
  fc.record({
    tenant: among([3, 'x'], [1, 'y']),
    to: fc
      .uniqueArray(fc.constantFrom(...RECIPIENTS), { minLength: 1, maxLength: 3 })
      .chain((names) =>
        fc.record(
          Object.fromEntries(
            names.map((name) => [
              name,
              fc.oneof(
                { weight: 5, arbitrary: fc.constant<Fate[]>([]) },
                { weight: 8, arbitrary: fc.array(fate, { minLength: 1, maxLength: 4 }) },
                ...(isDeadly ? [{ weight: 1, arbitrary: deadlyFates }] : []),
              ),
            ]),
          ),
        ),
      ),
    excluded: fc.oneof(
      { weight: 9, arbitrary: fc.constant<string[]>([]) },
      { weight: 1, arbitrary: fc.constant<string[]>(['eve']) },
    ),
    plans: fc.oneof(
      { weight: 12, arbitrary: fc.constant<PlanFate[]>([]) },
      { weight: 1, arbitrary: fc.array(planFate, { minLength: 1, maxLength: 4 }) },
    ),
  });

const publishing = (isDeadly: boolean): fc.Arbitrary<Action> =>
  fc.oneof(
    {
      weight: 15,
      arbitrary: fc.record({
        do: fc.constant('publish' as const),
        events: fc.array(eventScript(isDeadly), { minLength: 1, maxLength: 4 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('publish nonsense' as const) }) },
  );

const who = among([6, 0], [2, 1], [1, 2]);
const again = among([2, 50], [2, 2500]);
const joining: fc.Arbitrary<Action> = fc.record({ do: fc.constant('join' as const) });
const stopping: fc.Arbitrary<Action> = fc.record({
  do: fc.constant('stop' as const),
  who,
  patienceMs: among([3, 60_000], [1, 0], [1, 100]),
  again,
});
const patientStop: fc.Arbitrary<Action> = fc.record({
  do: fc.constant('stop' as const),
  who,
  patienceMs: fc.constant(60_000),
  again,
});
const when = fc.constantFrom('before' as const, 'after' as const);
const target: fc.Arbitrary<Target> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ nth: fc.nat({ max: 12 }), of: fc.constant('all' as const), when }) },
  { weight: 1, arbitrary: fc.record({ nth: fc.nat({ max: 1 }), of: fc.constant('burials' as const), when }) },
);
const disturbing: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('strike' as const),
      who: fc.constant(0),
      at: target,
      what: among([4, 'cut' as const], [1, 'crash' as const], [2, 'pause' as const]),
      ms: among([2, 0], [1, 400], [3, 6000]),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const), who }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('pause' as const),
      who,
      ms: among([1, 300], [1, 4700], [3, 6000], [2, 9000]),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('cut' as const), who, ms: among([4, 0], [2, 400], [1, 6000]) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('slow down' as const),
      who,
      lagMs: among([3, 3], [2, 300], [1, 2000]),
      ms: among([1, 500], [1, 6000]),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('silence' as const), who, ms: among([1, 400], [2, 7000]) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deafen' as const), who }) },
);

const after = among([6, 0], [4, 3], [3, 40], [3, 600], [2, 3000]);

function history(
  actions: fc.Arbitrary<Action>,
  processes: fc.Arbitrary<number>,
  wireMs: fc.Arbitrary<number>,
): fc.Arbitrary<History> {
  const timed = fc.tuple(actions, after).map(([action, ms]) => ({ ...action, after: ms }));
  return fc
    .record({
      seed: fc.nat(),
      processes,
      recordMs: among([3, 0], [2, 4], [1, 80]),
      wireMs,
      actions: fc.array(timed, { minLength: 1, maxLength: 14 }),
    })
    .map((made) => Object.assign(made, { [fc.toStringMethod]: () => tell(made) }));
}

/** One process, and nothing happens but events. */
export const calmHistory = history(publishing(false), fc.constant(1), fc.constant(0));

/** Processes come and go in order. */
export const orderlyHistory = history(
  fc.oneof(
    { weight: 4, arbitrary: publishing(false) },
    { weight: 1, arbitrary: joining },
    { weight: 2, arbitrary: patientStop },
  ),
  fc.integer({ min: 1, max: 3 }),
  among([2, 0], [2, 1], [1, 10]),
);

/** Everything. */
export const stormyHistory = history(
  fc.oneof(
    { weight: 6, arbitrary: publishing(true) },
    { weight: 1, arbitrary: joining },
    { weight: 1, arbitrary: stopping },
    { weight: 5, arbitrary: disturbing },
  ),
  fc.integer({ min: 1, max: 3 }),
  among([2, 0], [2, 1], [1, 10]),
);
