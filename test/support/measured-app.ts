import { readdirSync } from 'node:fs';
import { serve } from '#src/serve.ts';
import { settledHeap } from '../invariants/heap.ts';

// The product, which prints what it uses at each SIGUSR2.
process.on('SIGUSR2', async () => {
  const resources = process.getActiveResourcesInfo();
  const heap = await settledHeap();
  const handles = Object.fromEntries(
    [...new Set(resources)].map((type) => [type, resources.filter((other) => other === type).length]),
  );
  const descriptors = readdirSync('/proc/self/fd').length;
  // A member that only a polluted prototype has.
  const polluted = 'polluted' in {} ? 'yes' : 'no';
  const { rss } = process.memoryUsage();
  process.stdout.write(`${JSON.stringify({ msg: 'measured', heap, rss, handles, descriptors, polluted })}\n`);
});
await serve(process.env);
