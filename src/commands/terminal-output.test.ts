import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProgressBar } from './progress-bar.ts';
import { textTable } from './text-table.ts';

test('a table has columns as wide as their widest cell', () => {
  const rows = [
    ['1', 'two'],
    ['three', '4'],
  ];
  assert.equal(textTable(['A', 'B'], rows), 'A      B\n1      two\nthree  4\n');
  assert.equal(textTable(['A'], []), 'A\n');
});

test('a table passes nothing on that could move the cursor', () => {
  assert.equal(textTable(['A'], [['x\u001B[2Jy\r\nz\u202E']]), 'A\nx [2Jy z\n');
});

test('a progress bar is drawn on a terminal only, and leaves nothing behind', () => {
  const draw = (isTTY: boolean): string[] => {
    const written: string[] = [];
    const bar = createProgressBar(200, { isTTY, write: (text: string | Uint8Array) => written.push(String(text)) > 0 });
    bar.update(100);
    bar.update(300);
    bar.finish();
    return written;
  };
  assert.deepEqual(draw(false), []);
  const [half = '', full = '', end] = draw(true);
  assert.match(half, /█{15}░{15} 50 % {2}100 of 200$/);
  assert.match(full, /█{30} 100 %/);
  assert.equal(end, '\r\u001B[K');
});
