/**
 * `npm run mutants [-- I6 I7 …]`: breaks one mechanism after another in a copy of the sources, and expects the tests named after
 * the invariant to fail. Ends with 1 when a break goes unnoticed, or when the unbroken sources fail.
 */
import { rm } from 'node:fs/promises';
import { mutants as bounded } from './bounded-memory.mutants.ts';
import { mutants as i01 } from './i01-ends-exactly-once.mutants.ts';
import { mutants as i02 } from './i02-nothing-unaccepted.mutants.ts';
import { mutants as i03 } from './i03-order-of-commit.mutants.ts';
import { mutants as i04 } from './i04-one-send-in-flight.mutants.ts';
import { mutants as i05 } from './i05-duplicates-bounded.mutants.ts';
import { mutants as i06 } from './i06-no-stale-token.mutants.ts';
import { mutants as i07 } from './i07-dead-after-exactly-three.mutants.ts';
import { mutants as i09 } from './i09-waiting-slows-nobody.mutants.ts';
import { mutants as i10 } from './i10-quiet-leaves-nothing.mutants.ts';
import { mutants as i11 } from './i11-redis-killed-or-wiped.mutants.ts';
import { mutants as i12 } from './i12-takeover.mutants.ts';
import type { Mutant } from './mutant.ts';
import { createSourceCopy, type SourceCopy, type Verdict } from './source-copy.ts';

/** Copies of the sources that are tested beside each other; the tests wait more than they compute. */
const AT_ONCE = 2;

const INVARIANTS: { tag: string; test: string; mutants: Mutant[] }[] = [
  { tag: 'I1', test: 'i01-ends-exactly-once', mutants: i01 },
  { tag: 'I2', test: 'i02-nothing-unaccepted', mutants: i02 },
  { tag: 'I3', test: 'i03-order-of-commit', mutants: i03 },
  { tag: 'I4', test: 'i04-one-send-in-flight', mutants: i04 },
  { tag: 'I5', test: 'i05-duplicates-bounded', mutants: i05 },
  { tag: 'I6', test: 'i06-no-stale-token', mutants: i06 },
  { tag: 'I7', test: 'i07-dead-after-exactly-three', mutants: i07 },
  { tag: 'I9', test: 'i09-waiting-slows-nobody', mutants: i09 },
  { tag: 'I10', test: 'i10-quiet-leaves-nothing', mutants: i10 },
  { tag: 'I11', test: 'i11-redis-killed-or-wiped', mutants: i11 },
  { tag: 'I12', test: 'i12-takeover', mutants: i12 },
  { tag: 'bounds', test: 'bounded-memory', mutants: bounded },
];

interface Job {
  tag: string;
  test: string;
  /** Null for the unbroken sources. */
  mutant: Mutant | null;
}

interface Row extends Job {
  isAsExpected: boolean;
  said: string;
  seconds: number;
}

const describe = ({ tag, mutant }: Job): string => `${tag.padEnd(6)} ${mutant?.name ?? '(nothing is broken)'}`;

function judge(job: Job, verdict: Verdict): Pick<Row, 'isAsExpected' | 'said'> {
  switch (verdict.kind) {
    case 'passed':
      return { isAsExpected: job.mutant === null, said: job.mutant ? 'SURVIVED' : 'passes' };
    case 'failed':
      return { isAsExpected: job.mutant !== null, said: `${job.mutant ? 'caught by' : 'FAILS:'} "${verdict.title}"` };
    case 'overdue':
      return { isAsExpected: job.mutant !== null, said: job.mutant ? 'caught: it came to no end' : 'COMES TO NO END' };
    case 'broken':
      return { isAsExpected: false, said: `DOES NOT RUN: ${verdict.reason}` };
    default:
      return verdict satisfies never;
  }
}

async function runJob(copy: SourceCopy, job: Job): Promise<Row> {
  const beganAt = performance.now();
  const verdict = await copy.test(`test/invariants/${job.test}.test.ts`, job.mutant);
  const row = { ...job, ...judge(job, verdict), seconds: (performance.now() - beganAt) / 1000 };
  process.stderr.write(`${describe(row)}: ${row.said} (${row.seconds.toFixed(1)} s)\n`);
  return row;
}

const wanted = process.argv.slice(2);
const chosen = INVARIANTS.filter(({ tag }) => wanted.length === 0 || wanted.includes(tag));
const jobs: Job[] = [
  ...chosen.map(({ tag, test }) => ({ tag, test, mutant: null })),
  ...chosen.flatMap(({ tag, test, mutants }) => mutants.map((mutant) => ({ tag, test, mutant }))),
];
const order = new Map(jobs.map((job, index) => [job, index]));
const rows: [Job, Row][] = [];
const copies = await Promise.all(Array.from({ length: AT_ONCE }, createSourceCopy));
const removeAll = () => Promise.all(copies.map(({ dir }) => rm(dir, { recursive: true, force: true })));
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    for (const copy of copies) copy.end();
    void removeAll().then(() => process.exit(1));
  });

await Promise.all(
  copies.map(async (copy) => {
    for (let job = jobs.shift(); job; job = jobs.shift()) rows.push([job, await runJob(copy, job)]);
  }),
);
await removeAll();

const sorted = rows.toSorted(([a], [b]) => (order.get(a) ?? 0) - (order.get(b) ?? 0)).map(([, row]) => row);
const unexpected = sorted.filter(({ isAsExpected }) => !isAsExpected);
for (const row of sorted) process.stdout.write(`${row.isAsExpected ? '✔' : '✖'} ${describe(row)}: ${row.said}\n`);
process.stdout.write(`${sorted.length - unexpected.length} of ${sorted.length} as expected\n`);
process.exitCode = unexpected.length > 0 ? 1 : 0;
