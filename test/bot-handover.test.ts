import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Composer } from 'grammy';
import type { BotContext } from '#src/bot/bot-context.ts';
import { openDatabase } from '#src/db/database.ts';
import { createLog } from '#src/observability/log.ts';
import { BOT_TOKEN, type BotWorld, calls, openBotWorld, said, startBot, untilSaid } from './support/bot.ts';
import { effects, openUpdates } from './support/bot-handlers.ts';
import { startBotProcess } from './support/bot-process.ts';
import { temporaryFile } from './support/database.ts';
import { eventually } from './support/eventually.ts';

const IVAN = 501;

const register = ({ telegram }: BotWorld) => telegram.registerUser({ id: IVAN, first_name: 'Ivan' });

const conflicts = ({ telegram }: BotWorld) =>
  calls(telegram, 'getUpdates').filter(({ outcome }) => outcome?.status === 409).length;

/** Handlers of a version that does not freeze. */
function thawing(): Composer<BotContext> {
  const handlers = new Composer<BotContext>();
  handlers.on('message:text', (ctx) => {
    ctx.respond({ kind: 'send', chat_id: ctx.chat.id, html: `acted on ${ctx.message.text}`, keyboard: [] });
  });
  return handlers;
}

/** A world whose database a process can open too. */
async function openSharedWorld(t: Parameters<typeof openBotWorld>[0]): Promise<BotWorld & { file: string }> {
  const world = await openBotWorld(t);
  const file = await temporaryFile(t);
  const database = await openDatabase({ database: { kind: 'sqlite', path: file }, log: createLog('silent') });
  await database.migrate();
  t.after(() => database.close());
  return { ...world, database, file };
}

test('of two bots one listens; when it stops, the other goes on within two seconds and nothing is lost', async (t) => {
  const world = await openBotWorld(t);
  register(world);
  const first = startBot(t, world);
  world.telegram.sendText(IVAN, 'one');
  await untilSaid(world.telegram, IVAN, ['heard one']);
  const second = startBot(t, world);
  await sleep(600);
  assert.equal(calls(world.telegram, 'getUpdates').filter(({ outcome }) => outcome === null).length, 1);
  const stopped = first.stop(AbortSignal.timeout(5000));
  world.telegram.sendText(IVAN, 'two');
  await stopped;
  await untilSaid(world.telegram, IVAN, ['heard one', 'heard two'], 2000);
  assert.equal(second.trouble(), null);
  assert.equal(conflicts(world), 0);
});

test('a bot that stops first shows what it has begun to answer', async (t) => {
  const world = await openBotWorld(t);
  register(world);
  const bot = startBot(t, world);
  world.telegram.fault(IVAN, { kind: 'slow', ms: 700 }, { times: 1, methods: ['sendMessage'] });
  world.telegram.sendText(IVAN, 'one');
  await untilSaid(world.telegram, IVAN, ['heard one']);
  assert.equal(await openUpdates(world.database), 1);
  await bot.stop(AbortSignal.timeout(5000));
  assert.equal(await openUpdates(world.database), 0);
});

test('a bot that stops while it must wait leaves the rest to the next one, who acts no second time', async (t) => {
  const world = await openBotWorld(t);
  register(world);
  const bot = startBot(t, world);
  world.telegram.fault(IVAN, { kind: 'too_many_requests', retryAfter: 60 }, { times: 1, methods: ['sendMessage'] });
  world.telegram.sendText(IVAN, 'one');
  await eventually(() => assert.equal(calls(world.telegram, 'sendMessage').length, 1));
  const before = performance.now();
  await bot.stop(AbortSignal.timeout(5000));
  assert.ok(performance.now() - before < 1000);
  startBot(t, world);
  await untilSaid(world.telegram, IVAN, ['heard one']);
  assert.deepEqual(await effects(world.database, IVAN), ['one']);
});

test('a bot killed in the middle of a handler is followed by another, who acts in its place', async (t) => {
  const world = await openSharedWorld(t);
  register(world);
  const process = startBotProcess(t, world, world.file);
  world.telegram.sendText(IVAN, 'freeze');
  world.telegram.sendText(IVAN, 'behind');
  await process.frozen;
  await process.kill();
  const killed = performance.now();
  const thawed = startBot(t, world, { handlers: thawing() });
  await untilSaid(world.telegram, IVAN, ['acted on freeze', 'acted on behind'], 20_000);
  assert.ok(performance.now() - killed < 7000);
  assert.equal(thawed.commits(), 2);
  assert.deepEqual(await effects(world.database, IVAN), []);
});

test('a bot killed between acting and answering is followed by another, who only answers', async (t) => {
  const world = await openSharedWorld(t);
  register(world);
  const process = startBotProcess(t, world, world.file);
  world.telegram.fault(IVAN, { kind: 'hang' }, { methods: ['sendMessage'] });
  world.telegram.sendText(IVAN, 'one');
  await eventually(() => assert.equal(calls(world.telegram, 'sendMessage').length, 1));
  await process.kill();
  world.telegram.clearFaults();
  const bot = startBot(t, world);
  await untilSaid(world.telegram, IVAN, ['heard one'], 20_000);
  await eventually(async () => assert.equal(await openUpdates(world.database), 0));
  assert.deepEqual(await effects(world.database, IVAN), ['one']);
  assert.equal(bot.commits(), 0);
});

test('a bot whose handlers another process has taken over in the meantime shows no more', async (t) => {
  const world = await openBotWorld(t);
  register(world);
  const bot = startBot(t, world);
  world.telegram.fault(IVAN, { kind: 'server_error' }, { methods: ['sendMessage'] });
  world.telegram.sendText(IVAN, 'one');
  await eventually(() => assert.equal(calls(world.telegram, 'sendMessage').length > 2, true));
  await world.redis.redis.set('bot:lease', 'another process', 'PX', 60_000);
  await eventually(async () => {
    world.telegram.clearRequests();
    await sleep(2500);
    assert.equal(world.telegram.requests().length, 0);
  }, 20_000);
  assert.equal(bot.trouble(), null);
  assert.deepEqual(said(world.telegram, IVAN), []);
});

test('another poller of the same bot is reported and waited out, without a storm', async (t) => {
  const world = await openBotWorld(t);
  register(world);
  const bot = startBot(t, world);
  await eventually(() => assert.equal(calls(world.telegram, 'getUpdates').length, 1));
  const rival = fetch(`${world.telegram.apiRoot}/bot${BOT_TOKEN}/getUpdates?timeout=50`).then(
    (answer) => answer.status,
    () => 0,
  );
  await eventually(() => assert.match(bot.trouble() ?? '', /^telegram_409: Conflict/));
  assert.equal(await rival, 409, 'the newer question wins, and ours comes again');
  await eventually(() => assert.equal(calls(world.telegram, 'getUpdates').length, 3));
  world.telegram.sendText(IVAN, 'one');
  await untilSaid(world.telegram, IVAN, ['heard one']);
  assert.equal(bot.trouble(), null);
});

test('without Redis nobody listens, which is said, and with its return the updates come', async (t) => {
  const world = await openBotWorld(t);
  register(world);
  const bot = startBot(t, world);
  await eventually(() => assert.equal(calls(world.telegram, 'getUpdates').length, 1));
  await world.redis.kill();
  await eventually(() => assert.match(bot.trouble() ?? '', /redis_away/), 15_000);
  world.telegram.sendText(IVAN, 'one');
  await sleep(500);
  assert.deepEqual(said(world.telegram, IVAN), []);
  await world.redis.start();
  await untilSaid(world.telegram, IVAN, ['heard one']);
  assert.equal(bot.trouble(), null);
});
