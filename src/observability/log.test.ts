import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from './log.ts';

test('a line holds no secret, at the top or below, and of an error its code and place alone', () => {
  const lines: string[] = [];
  const log = createLog('trace', { write: (line) => void lines.push(line) });
  const secret = {
    name: 'Иван',
    phone: '+7 999',
    token: '1:abc',
    endpoint: 'https://push.test/abc',
    html: '<b>Иван</b>',
  };
  const err = Object.assign(new Error('insert into users values (Иван)'), { code: 'SQLITE_BUSY', args: ['Иван'] });
  log.info({ ...secret, user_id: 7 }, 'top');
  log.info({ user: { ...secret, id: 7 } }, 'below');
  log.info({ users: { first: { ...secret, id: 7 } } }, 'deeper');
  log.error({ err }, 'failed');
  assert.doesNotMatch(lines.join(''), /Иван|999|abc/);
  assert.match(lines.join(''), /"user_id":7.*"id":7/s);
  assert.match(lines.at(-1) ?? '', /"err":\{"code":"SQLITE_BUSY","place":\["at .*log\.test\.ts/);
});
