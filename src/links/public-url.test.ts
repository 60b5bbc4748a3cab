import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publicUrlOf } from './public-url.ts';

test('links begin with PUBLIC_URL, else with an address that leads somewhere', () => {
  assert.equal(
    publicUrlOf({ PUBLIC_URL: 'https://salon.example/app//', HOST: '0.0.0.0' }, 3000),
    'https://salon.example/app',
  );
  assert.equal(publicUrlOf({ HOST: '127.0.0.1' }, 3000), 'http://127.0.0.1:3000');
  assert.equal(publicUrlOf({ HOST: '0.0.0.0' }, 80), 'http://127.0.0.1:80');
  assert.equal(publicUrlOf({ HOST: '::' }, 80), 'http://127.0.0.1:80');
  assert.equal(publicUrlOf({ HOST: '::1' }, 3000), 'http://[::1]:3000');
});
