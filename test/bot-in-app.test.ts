import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BOT_TOKEN, calls, openBotWorld, startBot } from './support/bot.ts';
import { eventually } from './support/eventually.ts';
import { openSalon } from './support/salon.ts';
import { startVestnik } from './support/vestnik.ts';

test('a process that only serves the API knows the name of the bot, and asks for no updates', async (t) => {
  const vestnik = await startVestnik(t, { env: { ROLES: 'api' } });
  const salon = await openSalon(vestnik);
  await eventually(async () => {
    const { telegram_url } = await vestnik.create(`/v1/users/${salon.people.client.id}/link`, {});
    assert.match(telegram_url ?? '', /^https:\/\/t\.me\/vestnik_sandbox_bot\?start=[\w-]{1,64}$/);
  });
  assert.equal(calls(vestnik.telegram, 'getUpdates').length, 0);
});

test('readyz tells of another poller of the same bot, and messages go out all the same', async (t) => {
  const vestnik = await startVestnik(t);
  await eventually(() => assert.equal(calls(vestnik.telegram, 'getUpdates').length, 1));
  void fetch(`${vestnik.telegram.apiRoot}/bot${BOT_TOKEN}/getUpdates?timeout=50`).catch(() => undefined);
  await eventually(async () => {
    const { status, body } = await vestnik.call('GET', '/readyz');
    assert.equal(status, 200);
    assert.equal(body.status, 'degraded');
    assert.match(body.reasons.join(), /^bot: telegram_409: Conflict.*; updates wait$/);
  });
  await eventually(async () => assert.equal((await vestnik.call('GET', '/readyz')).body.status, 'ok'));
});

test('whoever listens registers the commands, and keeps up the work beside the updates until it stops', async (t) => {
  const world = await openBotWorld(t);
  const commands = [{ commands: [{ command: 'help', description: 'Help' }], language_code: 'en' as const }];
  let begun = 0;
  let ended = 0;
  const background = async (held: { ending: AbortSignal }) => {
    begun += 1;
    if (begun === 1) throw new Error('a bug');
    await new Promise((resolve) => held.ending.addEventListener('abort', resolve));
    ended += 1;
  };
  const bot = startBot(t, world, { commands, background: [background] });
  const waiting = startBot(t, world, { commands, background: [background] });
  await eventually(() => assert.deepEqual(world.telegram.commands(), commands[0]?.commands));
  await eventually(() => assert.equal(begun, 2));
  await Promise.all([waiting.stop(AbortSignal.timeout(5000)), bot.stop(AbortSignal.timeout(5000))]);
  assert.deepEqual([begun, ended], [2, 1]);
  assert.equal(calls(world.telegram, 'setMyCommands').length, 1);
});
