import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Api, Composer } from 'grammy';
import { pino } from 'pino';
import { openTestDatabase } from '#test/support/database.ts';
import { findCard, saveCard } from '../db/cards.ts';
import type { Database } from '../db/database.ts';
import { DatabaseError } from '../db/errors.ts';
import type { BotContext } from './bot-context.ts';
import type { BotResponse } from './bot-response.ts';
import { createUpdateHandler, type Session } from './update-handler.ts';
import { createUpdateInbox } from './update-inbox.ts';

const log = pino({ level: 'silent' });
const chat = { id: 7, type: 'private', first_name: 'Ivan' };
const from = { id: 7, is_bot: false, first_name: 'Ivan', language_code: 'en' };
const BODY = JSON.stringify({ update_id: 1, message: { message_id: 1, date: 1, chat, from, text: 'hi' } });
const sendOf = (html: string): BotResponse => ({ kind: 'send', chat_id: 7, html, keyboard: [] });

function session() {
  const [ending, cut] = [new AbortController(), new AbortController()];
  const me = { id: 1, is_bot: true, first_name: 'V', username: 'v_bot' } as Session['me'];
  return { ending, session: { ending: ending.signal, cut: cut.signal, isCurrent: () => true, me } };
}

/** An update in the inbox, a handler that answers it with `say`, and what was shown. */
async function openUpdate(t: TestContext, options: { database?: Database; say: string[]; isShown?: () => boolean }) {
  const real = await openTestDatabase(t);
  const inbox = createUpdateInbox({ database: real, botId: 1, clock: () => new Date() });
  await inbox.store([{ update_id: 1, chat_id: 7, body: BODY }]);
  const id = (await inbox.open(0, 1))[0]?.id ?? 0;
  const composer = new Composer<BotContext>();
  let runs = 0;
  composer.on('message', (ctx) => {
    runs += 1;
    ctx.respond(...options.say.map(sendOf));
  });
  const shown: BotResponse[] = [];
  const responder = {
    async perform(response: BotResponse) {
      if (options.isShown?.() === false) return false;
      shown.push(response);
      return true;
    },
  };
  let commits = 0;
  const handlerOn = (database: Database) =>
    createUpdateHandler({
      api: new Api('1:x'),
      inbox: createUpdateInbox({ database, botId: 1, clock: () => new Date() }),
      responder,
      composer,
      onCommitted: () => {
        commits += 1;
      },
      clock: () => new Date(),
      log,
    });
  return { id, inbox, real, shown, handlerOn, runs: () => runs, commits: () => commits };
}

test('while the database is away the update waits, and is acted on once afterwards', async (t) => {
  const { id, inbox, real, shown, handlerOn, commits } = await openUpdate(t, { say: ['hello'] });
  let refusals = 3;
  const write: Database['write'] = (work) => {
    refusals -= 1;
    if (refusals >= 0) return Promise.reject(new DatabaseError('database_busy', 'busy'));
    return real.write(work);
  };
  await handlerOn({ ...real, write }).handle(id, session().session);
  assert.deepEqual(shown, [sendOf('hello')]);
  assert.equal(commits(), 1);
  assert.equal(await inbox.find(id), null);
});

test('a commit whose outcome nobody knows is not acted on again', async (t) => {
  const { id, inbox, real, shown, handlerOn, runs } = await openUpdate(t, { say: ['hello'] });
  let isFirst = true;
  const write: Database['write'] = async (work) => {
    const value = await real.write(work);
    if (!isFirst) return value;
    isFirst = false;
    throw new DatabaseError('commit_failed', 'the connection was lost at the commit');
  };
  await handlerOn({ ...real, write }).handle(id, session().session);
  assert.deepEqual(shown, [sendOf('hello')]);
  assert.equal(runs(), 1);
  assert.equal(await inbox.find(id), null);
});

test('what was shown before the end of a holding is not shown again by the next', async (t) => {
  let left = 1;
  const isShown = () => {
    left -= 1;
    return left >= 0;
  };
  const { id, inbox, real, shown, handlerOn } = await openUpdate(t, { say: ['one', 'two'], isShown });
  await handlerOn(real).handle(id, session().session);
  assert.deepEqual((await inbox.find(id))?.responses, [sendOf('two')]);
  left = 10;
  await handlerOn(real).handle(id, session().session);
  assert.deepEqual(shown, [sendOf('one'), sendOf('two')]);
  assert.equal(await inbox.find(id), null);
});

test('after the end of a holding nothing is begun', async (t) => {
  const { id, inbox, real, handlerOn, runs } = await openUpdate(t, { say: ['hello'] });
  const { ending, session: over } = session();
  ending.abort();
  await handlerOn(real).handle(id, over);
  assert.equal(runs(), 0);
  assert.equal((await inbox.find(id))?.responses, null);
});

test('a message that is edited late is edited once more, for the booking may have changed meanwhile', async (t) => {
  const late: BotResponse = { kind: 'edit', chat_id: 7, message_id: 5, html: 'as it was', keyboard: [] };
  for (const [view, isStale] of [
    ['{"kind":"notification"}', true],
    ['{"kind":"menu"}', false],
  ] as const) {
    const { id, inbox, real, handlerOn } = await openUpdate(t, { say: [] });
    await inbox.decide(id, async (tx) => {
      const people = { company_id: 1, booking_id: 1, user_id: 1, audience: 'client' as const };
      const shown = { event: null, view, return_to: 'card', version: 1, stale: false };
      const moments = { sent_at: new Date(), view_expires_at: null };
      await saveCard(tx, { chat_id: 7, message_id: 5, ...people, ...shown, ...moments });
      return [late];
    });
    await handlerOn(real).handle(id, session().session);
    assert.equal((await findCard(real.read(), late))?.stale, isStale);
  }
});
