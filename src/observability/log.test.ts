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
    secret: 'whsec_abc',
    old_secret: 'whsec_abc',
    secrets: ['whsec_abc'],
  };
  const err = Object.assign(new Error('insert into users values (Иван)'), { code: 'SQLITE_BUSY', args: ['Иван'] });
  log.info({ ...secret, user_id: 7 }, 'top');
  log.info({ user: { ...secret, id: 7 } }, 'below');
  log.info({ users: { first: { ...secret, id: 7 } } }, 'deeper');
  log.error({ err }, 'failed');
  assert.doesNotMatch(lines.join(''), /Иван|\+7 999|abc/);
  assert.match(lines.join(''), /"user_id":7.*"id":7/s);
  assert.match(lines.at(-1) ?? '', /"err":\{"code":"SQLITE_BUSY","place":\["at .*log\.test\.ts/);
});

test('a secret is found however deep it stands, in lists and in circles', () => {
  const lines: string[] = [];
  const log = createLog('trace', { write: (line) => void lines.push(line) });
  const nested = (levels: number): object => (levels === 0 ? { name: 'Иван', id: 7 } : { inner: [nested(levels - 1)] });
  for (let levels = 0; levels < 20; levels += 1) log.info(nested(levels), 'nested');
  const circle: Record<string, unknown> = { token: '1:abc' };
  circle.again = circle;
  log.info(circle, 'a circle');
  log.info({ cause: Object.assign(new Error('x'), { phone: '+7 999' }) }, 'an error under another name');
  const at = new Date('2026-11-23T10:00:00.000Z');
  log.info({ at, of: { at, id: 8 }, none: null }, 'plain');
  assert.equal(lines.length, 23);
  assert.doesNotMatch(lines.join(''), /Иван|\+7 999|abc/);
  assert.match(lines[2] ?? '', /"inner":\[\{"inner":\[\{"name":"\[redacted\]","id":7\}\]\}\]/);
  const { at: top, of, none } = JSON.parse(lines.at(-1) ?? '{}');
  assert.deepEqual({ at: top, of, none }, { at: at.toISOString(), of: { at: at.toISOString(), id: 8 }, none: null });
});
