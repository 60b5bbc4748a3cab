import { type Bench, type Report, runBench } from './bench-run.ts';
import { type ContenderName, TITLES } from './engine-contender.ts';
import { type Lab, openLab } from './engine-crew.ts';
import { emptyRedis } from './engine-supply.ts';
import { type Case, percentile } from './rounds.ts';

/** From XADD (BullMQ: add) to the beginning of the handler, at low load. */

const EVENTS = 400;
const EVERY_MS = 5;
const BYTES = 200;
const CONTENDERS: ContenderName[] = ['engine', 'bare', 'bullmq'];

function caseOf(lab: Lab, contender: ContenderName): Case {
  return {
    name: TITLES[contender],
    async run() {
      const crew = await lab.crew(contender, 1);
      await emptyRedis(lab.redis);
      const cpuBefore = await crew.cpuMicros();
      const latencies = await crew.latencies({ count: EVENTS, everyMs: EVERY_MS, bytes: BYTES });
      const cpuMicros = (await crew.cpuMicros()) - cpuBefore;
      return {
        'p50 ms': percentile(latencies, 0.5),
        'p99 ms': percentile(latencies, 0.99),
        'max ms': percentile(latencies, 1),
        'CPU µs/event': cpuMicros / EVENTS,
      };
    },
  };
}

async function compare(bench: Bench): Promise<Report> {
  const lab = await openLab(bench);
  const cases = CONTENDERS.map((contender) => caseOf(lab, contender));
  bench.say('warm-up');
  for (const { run } of cases) await run();
  return {
    results: await bench.alternate(cases),
    notes: [
      `${EVENTS} events of ${BYTES} B a round, one every ${EVERY_MS} ms, one recipient each, nothing else under way; from calling XADD (BullMQ: add)`,
      'to the first line of the handler. Producer and consumer are one process with connections of their own, so there is one clock; its',
      'processor time includes both. Redis syncs what it wrote before it answers (appendfsync always), and so before each further step.',
    ],
  };
}

await runBench('engine-latency', compare);
