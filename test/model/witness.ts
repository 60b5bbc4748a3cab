import { type Chronicle, chargesOf, recipientsOf } from './chronicle.ts';
import type { SimulatedProcess } from './process.ts';
import type { Witness } from './server.ts';
import type { World } from './world.ts';

/** Longer than a lease can still run for after its holder is well again. */
const LEASE_MS = 5000;

/** Writes down what happens in Redis. */
export function createWitness(deps: {
  world: World;
  chronicle: Chronicle;
  processes: readonly SimulatedProcess[];
  /** The event of an entry. */
  numberOf(id: string): number;
}): Witness<SimulatedProcess> {
  const { world, chronicle, processes, numberOf } = deps;

  /** After a pause a process must first learn how late it is. */
  const isAwake = ({ status, resumedAt }: SimulatedProcess) => status === 'running' && world.now() > resumedAt;

  function noteSettlement(n: number): void {
    const event = chronicle.events.find((candidate) => candidate.n === n);
    const logged = new Set(chronicle.log.filter((end) => end.n === n).map(({ recipient }) => recipient));
    const isPlanned = !chronicle.failedPlans.has(n) || chronicle.sends.some((send) => send.n === n);
    const concerned = event?.script && isPlanned ? recipientsOf(event) : [];
    const unlogged = concerned.filter((recipient) => !logged.has(recipient));
    chronicle.settlements.push({ n, unlogged, isClosed: chronicle.closed.includes(n), at: world.now() });
    chronicle.trace.push(`${world.now()} ${n} is settled`);
  }

  return {
    onGone(ids) {
      for (const id of ids) noteSettlement(numberOf(id));
    },

    onLeaseTaken(process) {
      process.tell('takes the lease');
      for (const other of processes)
        if (other !== process && isAwake(other) && other.isOwner())
          chronicle.rivals.push({ process: process.name, other: other.name, at: world.now() });
    },

    onLeaseExpired(process, ledger) {
      process.tell('has its lease run out');
      const at = world.now();
      if (at - process.troubledUntil > LEASE_MS && process.stopped === 'no')
        chronicle.expiredHealthy.push({ process: process.name, at });
      for (const send of chronicle.sends)
        if (send.process === process.name && send.endedAt === null) send.isOrphan = true;
      for (const [id, records] of ledger) chronicle.charges.push(...chargesOf(numberOf(id), records, at));
    },

    onTrespass(process, command) {
      chronicle.trespasses.push({ process: process.name, command: command.slice(3).join(' '), at: world.now() });
    },
  };
}
