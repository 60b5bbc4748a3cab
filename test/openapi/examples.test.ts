import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startDescribedApi } from './described-api.ts';
import { examplesOf, walkOrder } from './walk.ts';

test('every example of the document works, in turn, and every answer is as described', async (t) => {
  const api = await startDescribedApi(t);
  for (const key of walkOrder())
    for (const given of await examplesOf(api, key)) {
      const { status, text } = await api.send(key, given);
      assert.ok(status < 300, `${key}: ${status} ${text}`);
    }
});
