import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Command } from 'commander';
import { run, start } from '#test/support/command-line.ts';
import { eventually } from '#test/support/eventually.ts';
import { startDouble } from '#test/support/http-double.ts';
import { addBroadcastCommands } from './broadcast.ts';

const ENV = { ADMIN_API_KEY: 'test-admin-key' };
const COMMANDS = ['create', 'preview', 'status', 'list', 'pause', 'resume', 'cancel', 'retry-failed'];

const view = (status: string, sent: number) => ({
  ...{ id: 7, company_id: 1, status, is_test: false, send_at: '2026-11-23T09:00:00.000Z', audience_size: 10 },
  finished_at: status === 'completed' ? '2026-11-23T09:01:00.000Z' : null,
  progress: {
    ...{ sent, sent_by: { telegram: sent }, failed: 0, failed_by: {}, suppressed: 0, suppressed_by: {} },
    ...{ remaining: 10 - sent, waiting_quiet: 0, rate_per_second: 1, eta: null },
  },
});

describe('vestnik broadcast', () => {
  test('ends with one line when it is used wrongly, or the service is older', async (t) => {
    const older = await startDouble(t, () => ({ status: 200, body: { id: 7 } }));
    const [argument, missing, answer] = await Promise.all([
      run(['broadcast', 'status', 'x'], ENV),
      run(['broadcast', 'create', '--company', '1'], ENV),
      run(['broadcast', 'status', '7', '--url', older.url], ENV),
    ]);
    assert.match(argument.stderr, /^error: .+ It must be a whole number from 1\.\n/);
    assert.match(missing.stderr, /^vestnik: give the message with --html or --html-file, and not with both\n$/);
    assert.match(answer.stderr, /^vestnik: the answer is not what this version understands \(company_id\): .+\n$/);
    for (const { code, stdout } of [argument, missing, answer]) assert.deepEqual([code, stdout], [1, '']);
  });

  test('--watch follows to the end, waits for a service that is away, and prints each change once as JSON', async (t) => {
    const away = { status: 503, body: { detail: 'the server is starting' } };
    const steps = [view('running', 1), view('running', 1), null, null, view('paused', 5), view('completed', 10)];
    let step = 0;
    const { url } = await startDouble(t, () => {
      const body = steps[step] ?? null;
      step += 1;
      return body === null ? away : { status: 200, body };
    });
    const { code, stdout, stderr } = await run(['broadcast', 'status', '7', '--watch', '--json', '--url', url], ENV);
    assert.deepEqual([code, stderr], [0, 'the server is starting\n']);
    const sent = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).progress.sent);
    assert.deepEqual(sent, [1, 5, 10]);
  });

  test('--watch is ended by Ctrl-C with what is known, and the broadcast goes on', async (t) => {
    const { url, requests } = await startDouble(t, () => ({ status: 200, body: view('running', 4) }));
    const { child, ended } = start(['broadcast', 'status', '7', '--watch', '--url', url], ENV);
    t.after(() => child.kill('SIGKILL'));
    await eventually(() => assert.equal(requests.length > 1, true), 20_000);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^status +running$/m);
    assert.deepEqual([...new Set(requests.map(({ method }) => method))], ['GET']);
  });

  test('explains each of its commands', () => {
    const program = new Command();
    addBroadcastCommands(program);
    const broadcast = program.commands[0];
    assert.deepEqual(
      broadcast?.commands.map((command) => command.name()),
      COMMANDS,
    );
    for (const command of broadcast?.commands ?? []) {
      assert.match(command.helpInformation(), /--url <url>[\s\S]+--key-file <path>[\s\S]+--json/);
      assert.match(command.description(), /^[a-z]/);
    }
  });
});
