import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GrammyError, HttpError } from 'grammy';
import { createLog } from '../observability/log.ts';
import { registerCommands } from './register-commands.ts';

const commands = (['ru', 'en'] as const).map((language_code) => ({ commands: [], language_code }));
const live = new AbortController().signal;

function register(answers: (Error | null)[]) {
  let calls = 0;
  const telegram = {
    async call(): Promise<never> {
      const error = answers[calls];
      calls += 1;
      if (error) throw error;
      return undefined as never;
    },
  };
  const held = { ending: live, cut: live, isCurrent: () => true };
  const done = registerCommands({ telegram, commands, held, log: createLog('silent'), retryMs: 1 });
  return done.then(() => calls);
}

test('a Telegram that is away at the start hears the commands when it is back', async () => {
  const away = new HttpError('away', new Error('no answer'));
  assert.equal(await register([away, away, null, null]), 4);
});

test('a list that Telegram refuses is given up, and takes no other with it', async () => {
  const said = { ok: false, error_code: 400, description: 'Bad Request: BOT_COMMAND_INVALID' } as const;
  const refused = new GrammyError('refused', said, 'setMyCommands', {});
  assert.equal(await register([refused, null]), 2);
});
