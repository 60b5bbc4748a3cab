import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Command } from 'commander';
import { addRequestOptions, type RequestOptions, requestBody } from './broadcast-request.ts';

/** The body that the arguments make. */
function bodyOf(...args: string[]): Promise<object> {
  const command = addRequestOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return requestBody(command.parse(['--company', '1', ...args], { from: 'user' }).opts<RequestOptions>());
}

describe('what to send, and to whom', () => {
  test('is all that the options say, and nothing else', async () => {
    const sendAt = '2026-11-24T10:00:00+03:00';
    assert.deepEqual(await bodyOf('--html', '<b>x</b>'), {
      company_id: 1,
      audience: {},
      content: { tg_html: '<b>x</b>' },
    });
    const body = await bodyOf(
      ...['--html', 'x', '--push-title', 'T', '--push-body', 'B', '--push-url', 'https://x.test/'],
      ...['--role', 'client', '--role', 'admin', '--user', '5', '--user', '6', '--locale', 'ru'],
      ...['--not-seen-since', sendAt, '--send-at', sendAt, '--ad-template', '3', '--allow-paid'],
    );
    assert.deepEqual(body, {
      company_id: 1,
      audience: { roles: ['client', 'admin'], user_ids: [5, 6], locales: ['ru'], not_seen_since: sendAt },
      content: { tg_html: 'x', push: { title: 'T', body: 'B', url: 'https://x.test/' } },
      send_at: sendAt,
      ad_template_id: 3,
      allow_paid: true,
    });
  });

  test('takes the message from a file without the line break at its end', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'vestnik-command-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'news.html');
    await writeFile(file, ' <b>Скидки</b>\nвсем\n\n');
    assert.deepEqual(await bodyOf('--html-file', file), {
      ...{ company_id: 1, audience: {}, content: { tg_html: ' <b>Скидки</b>\nвсем' } },
    });
    await assert.rejects(bodyOf('--html-file', join(folder, 'gone')), /gone cannot be read: ENOENT$/);
  });

  test('is refused when it is not complete or contradicts itself', async () => {
    await assert.rejects(bodyOf(), /--html or --html-file/);
    await assert.rejects(bodyOf('--html', 'x', '--html-file', 'y'), /not with both/);
    await assert.rejects(bodyOf('--html', 'x', '--push-url', 'https://x.test/'), /needs --push-title and --push-body/);
    assert.throws(() => bodyOf('--html', 'x', '--user', '0'), /whole number from 1/);
    assert.throws(() => bodyOf('--html', 'x', '--user', '1e3'), /whole number from 1/);
  });
});
