import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

/** A service that says when it is told to stop, and takes `stopMs` for it. */
async function startService(t: TestContext, stopMs: number) {
  const program = `
    import { stopOnSignal } from '#src/run.ts';
    const stop = () => new Promise((resolve) => { console.log('stopping'); setTimeout(resolve, ${stopMs}); });
    stopOnSignal({ stop }, { info() {} });
    setInterval(() => undefined, 1000);
    console.log('ready');`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program]);
  t.after(() => child.kill('SIGKILL'));
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += String(chunk);
  });
  const until = async (word: string) => {
    while (!printed.includes(word)) await sleep(5);
  };
  await until('ready');
  return { child, until, exited: once(child, 'exit').then(([code]) => code as number | null) };
}

test('a signal stops in order', async (t) => {
  const { child, exited } = await startService(t, 50);
  child.kill('SIGTERM');
  assert.equal(await exited, 0);
});

test('a second signal ends at once, unless it is the same Ctrl-C passed on', async (t) => {
  const { child, until, exited } = await startService(t, 60_000);
  child.kill('SIGINT');
  await until('stopping');
  child.kill('SIGINT');
  await sleep(1200);
  assert.equal(child.exitCode, null, 'still stopping');
  const began = performance.now();
  child.kill('SIGTERM');
  assert.equal(await exited, 130);
  assert.equal(performance.now() - began < 1000, true);
});
