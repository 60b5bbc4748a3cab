import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runChaos } from './chaos-run.ts';
import { createCleanups } from './cleanups.ts';
import { describeDuplicates, describeFindings, violations } from './report.ts';

/** `npm run chaos -- [--seconds N] [--seed N] [--processes N] [--salons N] [--partitions N] [--every MS] [--keep]`. */

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    processes: { type: 'string', default: '3' },
    salons: { type: 'string', default: '4' },
    partitions: { type: 'string', default: '4' },
    every: { type: 'string', default: '2500' },
    pace: { type: 'string', default: '700' },
    keep: { type: 'boolean', default: false },
  },
});

function count(name: 'seconds' | 'seed' | 'processes' | 'salons' | 'partitions' | 'every' | 'pace', min = 1): number {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < min) throw new Error(`--${name} must be a whole number from ${min}`);
  return value;
}

const began = performance.now();
const say = (line: string) =>
  void process.stderr.write(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);

const cleanups = createCleanups();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void cleanups.run().finally(() => process.exit(130)));

const seed = count('seed', 0);
process.stdout.write(`seed ${seed}\n`);
try {
  const findings = await runChaos({
    seed,
    seconds: count('seconds'),
    processes: count('processes'),
    salons: count('salons'),
    partitions: count('partitions'),
    everyMs: count('every'),
    requestEveryMs: count('pace'),
    restDeadlineMs: 60_000,
    say,
    cleanups,
    keep: values.keep,
  });
  for (const line of describeDuplicates(findings.duplicates)) say(line);
  process.stdout.write(`${describeFindings(findings)}\n`);
  process.exitCode = violations(findings).length === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`chaos: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await cleanups.run();
}
