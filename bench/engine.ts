import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** The engine beside its peers: `[--only part]… [--json] [--profile] [--rounds N]`. Each part is a bench and runs alone. */

const PARTS: Record<string, string> = {
  throughput: 'deliveries a second of one process beside BullMQ and a bare loop; has the profile',
  processes: 'the same with 1, 2 and 4 processes',
  latency: 'XADD → handler at low load, beside the same',
  backlog: 'pace and memory while 10 k, 100 k and 1 M events wait',
};

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    help: { type: 'boolean' },
    json: { type: 'boolean' },
    profile: { type: 'boolean' },
    rounds: { type: 'string' },
  },
});
const { only = Object.keys(PARTS), help, rounds, ...switches } = values;
const passed = Object.keys(switches).map((name) => `--${name}`);
if (rounds !== undefined) passed.push('--rounds', rounds);
const unknown = only.filter((part) => !Object.hasOwn(PARTS, part));

/** Answers its exit code. */
async function run(part: string): Promise<number> {
  const file = fileURLToPath(new URL(`engine-${part}${extname(import.meta.url)}`, import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, file, ...passed], { stdio: 'inherit' });
  const end = () => void child.kill('SIGTERM');
  process.on('SIGTERM', end);
  const [code] = (await once(child, 'exit')) as [number | null];
  process.off('SIGTERM', end);
  return code ?? 1;
}

/** One after another; ends with the first that fails. */
async function runParts(): Promise<number> {
  for (const part of only) {
    if (!values.json) process.stdout.write(`### ${part}\n\n`);
    const code = await run(part);
    if (code !== 0) return code;
    if (!values.json) process.stdout.write('\n');
  }
  return 0;
}

// The running part gets Ctrl-C from the terminal too, and cleans up after itself.
process.on('SIGINT', () => undefined);

if (help || unknown.length > 0) {
  const list = Object.entries(PARTS).map(([part, about]) => `  --only ${part.padEnd(12)}${about}\n`);
  process.stderr.write(`Parts of the engine's bench, all by default:\n${list.join('')}`);
  if (unknown.length > 0) process.exitCode = 2;
} else {
  process.exitCode = await runParts();
}
