import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** Puts something in place of what waits until the disk has a file, in this process; it is given what Node does. */
export async function onDatasync(t: TestContext, instead: (datasync: () => Promise<void>) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'vestnik-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = await open(join(folder, 'any'), 'w');
  const prototype: { datasync(): Promise<void> } = Object.getPrototypeOf(file);
  await file.close();
  const original = prototype.datasync;
  return t.mock.method(prototype, 'datasync', function datasync(this: object) {
    return instead(() => original.call(this));
  });
}
