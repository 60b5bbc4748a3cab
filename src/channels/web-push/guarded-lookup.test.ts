import assert from 'node:assert/strict';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { createGuardedLookup, PRIVATE_ADDRESS, publicAddresses, type Resolve } from './guarded-lookup.ts';

const v4 = (address: string): LookupAddress => ({ address, family: 4 });
const answers =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses.map(v4);

function ask(resolve: Resolve, options: LookupOptions) {
  return new Promise<unknown>((done, reject) => {
    createGuardedLookup(resolve)('push.example', options, (error, address, family) =>
      error ? reject(error) : done(options.all ? address : { address, family }),
    );
  });
}

test('public addresses pass, in both forms that a socket may ask for', async () => {
  assert.deepEqual(await ask(answers('8.8.8.8', '8.8.4.4'), { all: true }), [v4('8.8.8.8'), v4('8.8.4.4')]);
  assert.deepEqual(await ask(answers('8.8.8.8', '8.8.4.4'), {}), v4('8.8.8.8'));
});

test('private addresses are left out, and a name with nothing else has none', async () => {
  assert.deepEqual(await ask(answers('127.0.0.1', '8.8.8.8'), { all: true }), [v4('8.8.8.8')]);
  await assert.rejects(ask(answers('127.0.0.1', '10.0.0.1'), { all: true }), { code: PRIVATE_ADDRESS });
  await assert.rejects(ask(answers(), {}), { code: PRIVATE_ADDRESS });
});

test("the resolver's own errors pass", async () => {
  const away: Resolve = () => Promise.reject(Object.assign(new Error('away'), { code: 'EAI_AGAIN' }));
  await assert.rejects(ask(away, {}), { code: 'EAI_AGAIN' });
});

test('a name that is public when checked and private when connected to gets no connection', async (t) => {
  let connections = 0;
  const server = createServer(() => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const sequence = ['8.8.8.8', '127.0.0.1'];
  const rebinding: Resolve = async () => [v4(sequence.shift() ?? '127.0.0.1')];

  await publicAddresses('push.example', rebinding);
  const { port } = server.address() as { port: number };
  const socket = connect({ host: 'push.example', port, lookup: createGuardedLookup(rebinding) });
  const [error] = await once(socket, 'error').catch((reason: unknown) => [reason]);
  assert.equal((error as NodeJS.ErrnoException).code, PRIVATE_ADDRESS);
  assert.deepEqual(sequence, []);
  assert.equal(connections, 0);
});
