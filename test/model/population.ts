import type { Chronicle } from './chronicle.ts';
import type { Action } from './history.ts';
import type { SimulatedProcess } from './process.ts';
import type { SimulatedServer } from './server.ts';
import { NATURE, type World } from './world.ts';

const MAX_PROCESSES = 3;
/** When a process that died is replaced. */
const REPLACED_AFTER_MS = 500;

type Fate = Exclude<Action, { do: 'publish' } | { do: 'publish nonsense' }>;

/** What befalls one process. */
type Struck = Exclude<Fate, { do: 'join' }>;

/** The processes: they come, go, and are struck. */
export interface Population {
  start(): void;
  /** Does what the action says, to whomever it means. */
  befall(action: Fate): void;
  crashed(process: SimulatedProcess): void;
  alive(): SimulatedProcess[];
  /** Nobody is away, and nobody is awaited. */
  isWell(): boolean;
}

export function createPopulation(deps: {
  world: World;
  chronicle: Chronicle;
  server: SimulatedServer<SimulatedProcess>;
  /** All there ever were. */
  processes: SimulatedProcess[];
  startProcess(name: string): SimulatedProcess;
}): Population {
  const { world, chronicle, server, processes } = deps;
  let awaited = 0;

  const alive = () => processes.filter(({ status, stopped }) => status !== 'dead' && stopped === 'no');

  const start = () => void processes.push(deps.startProcess(`p${processes.length + 1}`));

  function startLater(ms: number): void {
    awaited += 1;
    world.after(NATURE, ms, () => {
      awaited -= 1;
      start();
    });
  }

  function pick(who: number): SimulatedProcess | undefined {
    const candidates = alive();
    const owner = server.holder();
    return who === 0 && owner && candidates.includes(owner) ? owner : candidates[who % candidates.length];
  }

  function strike(process: SimulatedProcess, { what, ms }: Extract<Fate, { do: 'strike' }>): void {
    if (process.status !== 'running' || process.stopped === 'yes') return;
    if (what === 'cut') process.cut(ms);
    else if (what === 'pause') process.pause(ms);
    else process.crash();
  }

  const effects: { [K in Struck['do']]: (process: SimulatedProcess, action: Extract<Struck, { do: K }>) => void } = {
    stop(process, { patienceMs, again }) {
      process.stop(patienceMs);
      startLater(again);
    },
    crash: (process) => process.crash(),
    pause: (process, { ms }) => process.pause(ms),
    cut: (process, { ms }) => process.cut(ms),
    'slow down': (process, { lagMs, ms }) => process.slowDown(lagMs, ms),
    strike: (process, action) => process.strike(action.at, () => strike(process, action)),
    silence: (process, { ms }) => process.silence(ms),
    deafen: (process) => process.deafen(),
  };

  function apply<K extends Struck['do']>(process: SimulatedProcess, action: Extract<Struck, { do: K }>): void {
    const effect = effects[action.do as K];
    effect(process, action);
  }

  return {
    start,
    befall(action) {
      if (action.do === 'join') {
        if (alive().length + awaited < MAX_PROCESSES) start();
        return;
      }
      const process = pick(action.who);
      if (!process) return;
      if (action.do === 'stop') chronicle.stops += 1;
      else chronicle.disturbances += 1;
      apply(process, action);
    },
    crashed(process) {
      chronicle.disturbances += 1;
      for (const send of chronicle.sends)
        if (send.process === process.name && send.endedAt === null)
          [send.endedAt, send.outcome] = [world.now(), 'crashed'];
      startLater(REPLACED_AFTER_MS);
    },
    alive,
    isWell: () =>
      awaited === 0 && processes.every(({ status, troubledUntil }) => status === 'dead' || troubledUntil < world.now()),
  };
}
