import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { unlessInstalled } from '../browser/browsers.ts';

/** What `ensureBrowsers` does in a process of its own where nothing can be installed. */
function ensureNothing(ci: string | undefined) {
  const { CI: _ci, ...env } = process.env;
  const program = `
    import { ensureBrowsers } from './scripts/browsers.mjs';
    const findMissing = async () => ['firefox-esr', 'chromium'];
    await ensureBrowsers({ say: console.error, findMissing, install: async () => {} }).catch(({ message }) => {
      console.error(message);
      process.exit(1);
    });`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...env, ...(ci !== undefined && { CI: ci }) },
    encoding: 'utf8',
  });
  return { status, lines: stderr.trim().split('\n') };
}

describe('where a browser is missing and cannot be installed', () => {
  test('CI fails with one line', () => {
    for (const ci of ['true', '1'])
      assert.deepEqual(ensureNothing(ci), {
        status: 1,
        lines: ['CI needs browsers that could not be installed here: apt-get install firefox-esr chromium'],
      });
  });

  test('a person is told that the browser tests are skipped', () => {
    for (const ci of [undefined, 'false']) {
      const { status, lines } = ensureNothing(ci);
      assert.deepEqual([status, lines.length], [0, 1]);
      assert.match(lines[0] ?? '', /^The browser tests are skipped.+apt-get install firefox-esr chromium$/);
    }
  });

  test('its tests are skipped with a reason, and in CI they fail', () => {
    const find = () => null;
    assert.equal(unlessInstalled('chromium', { isCi: false, find }), 'no chromium is installed here');
    assert.throws(() => unlessInstalled('chromium', { isCi: true, find }), /^Error: CI needs chromium/);
    assert.equal(unlessInstalled('chromium', { isCi: true, find: () => '/usr/bin/chromium' }), false);
  });
});
