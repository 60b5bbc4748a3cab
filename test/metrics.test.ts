import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './support/eventually.ts';
import { startVestnik } from './support/vestnik.ts';

test('every process tells its metrics without a key, and goes on when Redis is away', async (t) => {
  const vestnik = await startVestnik(t, { env: { ROLES: 'worker' } });
  const metrics = async () => await (await fetch(`${vestnik.url}/metrics`)).text();
  await eventually(async () => {
    const text = await metrics();
    assert.match(text, /^vestnik_redis_up 1$/m);
    assert.match(text, /^vestnik_stream_length\{stream="p2p",partition="0"\} 0$/m);
    assert.match(text, /^vestnik_lease_remaining_seconds\{stream="broadcast",partition="0"\} [1-4]\./m);
  });
  await vestnik.redis.redis.xadd('events:p2p', '*', 'event', 'nonsense');
  await eventually(async () =>
    assert.match(await metrics(), /^vestnik_dead_letters\{stream="p2p",partition="0"\} 1$/m),
  );
  await vestnik.redis.kill();
  await eventually(async () => {
    const text = await metrics();
    assert.match(text, /^vestnik_redis_up 0$/m);
    assert.match(text, /^process_cpu_seconds_total /m);
  });
});
