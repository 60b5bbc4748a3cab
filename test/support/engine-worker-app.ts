import { writeSync } from 'node:fs';
import { pino } from 'pino';
import { createPartition } from '#actors/partition.ts';
import { connectRedis } from '#src/redis/connection.ts';
import { systemClock } from '#streams/clock.ts';
import { KEYS } from './partition.ts';
import { createScriptedHandler } from './scripted-handler.ts';

// A process that owns the test's partition whenever it can, until SIGTERM. Arguments: Redis's URL, its own name.
// A line of what it does is out before it goes on: no kill takes it back.
const [url = '', by = ''] = process.argv.slice(2);
const say = (line: object): void => void writeSync(1, `${JSON.stringify(line)}\n`);
const log = pino({ level: 'silent' });
const redis = connectRedis({ url, log });

const partition = createPartition({
  redis,
  connectBlocking: () => connectRedis({ url, log }),
  keys: KEYS,
  handler: createScriptedHandler({ by, note: say }),
  maxDeliveries: 3,
  backoff: () => 20,
  clock: systemClock,
  fearless: true,
  log,
});
partition.start();
say({ what: 'ready' });

process.once('SIGTERM', async () => {
  await partition.stop(AbortSignal.timeout(5000));
  redis.disconnect();
});
