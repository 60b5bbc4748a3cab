import { join } from 'node:path';
import type { EntityManager, InferEntity } from '@mikro-orm/core';
import { openDatabase } from '#src/db/database.ts';
import { OutboxRow } from '#src/db/event-entities.ts';
import { createLog } from '#src/observability/log.ts';
import { type Bench, type Report, runBench } from './bench-run.ts';
import type { Figures } from './rounds.ts';

/** What sharing a transaction brings: rows a second into SQLite (WAL), each commit on the disk. */

const RUN_MS = 2000;
const WRITERS = 64;
const BATCH = 100;

const rowOf = (event_id: string) => ({
  company_id: 1,
  event_id,
  event: '{"type":"booking_created"}',
  lane: 'p2p' as const,
  created_at: new Date(0),
});

const insertOne = (tx: EntityManager, id: string): Promise<number> => tx.insert(OutboxRow, { ...rowOf(id) });
const insertMany = (tx: EntityManager, id: string): Promise<unknown> =>
  tx.insertMany<InferEntity<typeof OutboxRow>>(
    OutboxRow,
    Array.from({ length: BATCH }, (_, number) => ({ ...rowOf(`${id} ${number}`) })),
  );

interface Kind {
  name: string;
  rowsPerWrite: number;
  write(id: string): Promise<unknown>;
}

/** Each writer waits for its write before it starts the next. */
async function measure({ rowsPerWrite, write }: Kind, run: number): Promise<Figures> {
  const startedAt = performance.now();
  let writes = 0;
  const writer = async (number: number): Promise<void> => {
    while (performance.now() - startedAt < RUN_MS) {
      await write(`${run} ${number} ${writes}`);
      writes += 1;
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, number) => writer(number)));
  return { 'rows/s': (writes * rowsPerWrite * 1000) / (performance.now() - startedAt) };
}

/** The next write starts after the commit of the one before, whoever asks. */
function oneByOne(write: Kind['write']): Kind['write'] {
  let last: Promise<unknown> = Promise.resolve();
  return (id) => {
    last = last.then(() => write(id));
    return last;
  };
}

async function compare(bench: Bench): Promise<Report> {
  const path = join(bench.folder, 'bench.sqlite');
  const database = await openDatabase({ database: { kind: 'sqlite', path }, log: createLog('warn') });
  bench.onEnd(() => database.close());
  await database.migrate();
  const one: Kind['write'] = (id) => database.write((tx) => insertOne(tx, id));
  const many: Kind['write'] = (id) => database.write((tx) => insertMany(tx, id));
  const kinds: Kind[] = [
    { name: 'a transaction each', rowsPerWrite: 1, write: oneByOne(one) },
    { name: 'group commit', rowsPerWrite: 1, write: one },
    { name: `group commit, ${BATCH} rows a work`, rowsPerWrite: BATCH, write: many },
  ];
  let runs = 0;
  const cases = kinds.map((kind) => ({
    name: kind.name,
    run: () => {
      runs += 1;
      return measure(kind, runs);
    },
  }));
  return {
    results: await bench.alternate(cases),
    notes: [`Outbox rows, ${WRITERS} concurrent writers, each waiting for the commit of its row before the next.`],
  };
}

await runBench('group-commit', compare);
