import { type Command, InvalidArgumentError, Option } from 'commander';
import { readConfig } from '../config.ts';
import {
  createDeadLetterService,
  type DeadLetterService,
  type LetterAct,
  type LetterPage,
} from '../dead-letters/dead-letter-service.ts';
import { formatLetterId, type LetterId, parseLetterId } from '../dead-letters/letter-id.ts';
import { lanePartitions } from '../dispatch/lanes.ts';
import { WORK_STREAMS, type WorkStream } from '../domain/lanes.ts';
import { CommandError } from './command-error.ts';
import { createProgressBar } from './progress-bar.ts';
import { withRedis } from './redis-client.ts';
import { textTable } from './text-table.ts';

const MAX_ERROR_LENGTH = 70;

interface ListOptions {
  stream?: WorkStream;
  company?: number;
  limit: number;
  after?: LetterId;
  json?: true;
}

interface ActOptions {
  all?: true;
  stream?: WorkStream;
  json?: true;
}

const streamOption = () => new Option('--stream <stream>', 'only those of this stream').choices(WORK_STREAMS);

export function addDeadCommands(program: Command): void {
  const dead = program.command('dead').description('dead letters: what could not be delivered to someone');
  dead
    .command('list')
    .description('list dead letters, those that died first at the top')
    .addOption(streamOption())
    .option('--company <id>', 'only those of this company', wholeNumber)
    .option('--limit <count>', 'at most so many', wholeNumber, 50)
    .option('--after <id>', 'only those behind this one', letterId)
    .option('--json', 'print JSON')
    .action((options: ListOptions) => withDeadLetters((letters) => list(letters, options)));
  for (const [act, description] of [
    ['replay', 'put dead letters back, each for its recipient alone, with no attempt used'],
    ['discard', 'delete dead letters for good'],
  ] as const)
    dead
      .command(act)
      .description(description)
      .argument('[ids...]', 'as `vestnik dead list` shows them')
      .option('--all', 'all that are dead now')
      .addOption(streamOption())
      .option('--json', 'print JSON')
      .action((ids: string[], options: ActOptions) => withDeadLetters((letters) => handle(letters, act, ids, options)));
}

async function withDeadLetters(work: (letters: DeadLetterService) => Promise<void>): Promise<void> {
  const config = readConfig(process.env);
  const partitions = lanePartitions({ prefix: config.REDIS_KEY_PREFIX, p2pPartitions: config.P2P_PARTITIONS });
  await withRedis(config, (redis) => work(createDeadLetterService({ redis, partitions })));
}

async function list(letters: DeadLetterService, { stream, company, limit, after, json }: ListOptions): Promise<void> {
  const page = await letters.list({ lane: stream, company_id: company, limit, after });
  const next = page.next && formatLetterId(page.next);
  if (json) process.stdout.write(`${JSON.stringify({ items: page.items, next_after: next })}\n`);
  else if (page.items.length === 0 && next === null) process.stdout.write('There are no dead letters.\n');
  else process.stdout.write(`${letterTable(page)}${next === null ? '' : `There are more: --after ${next}\n`}`);
}

function letterTable({ items }: LetterPage): string {
  const head = ['ID', 'DIED AT', 'COMPANY', 'EVENT', 'RECIPIENT', 'ATTEMPTS', 'LAST ERROR'];
  return textTable(
    head,
    items.map(({ id, died_at, event, recipient, attempts, last_error }) => [
      id,
      died_at?.toISOString() ?? '–',
      String(event?.company_id ?? '–'),
      String(event?.type ?? '–'),
      recipient ?? 'no letter',
      String(attempts ?? '–'),
      (last_error ?? '–').slice(0, MAX_ERROR_LENGTH),
    ]),
  );
}

async function handle(letters: DeadLetterService, act: LetterAct, ids: string[], options: ActOptions): Promise<void> {
  const { all, stream, json } = options;
  if (ids.length > 0 === (all === true)) throw new CommandError('name the ids of dead letters, or --all');
  if (stream !== undefined && !all) throw new CommandError('--stream goes with --all: an id names its stream');
  const wrong = ids.find((id) => parseLetterId(id) === null);
  if (wrong !== undefined) throw new CommandError(`${JSON.stringify(wrong)} is no id of a dead letter`);

  const { done, missing } = all
    ? { done: await handleAll(letters, act, stream), missing: [] }
    : await letters.handle(act, ids);
  const word = act === 'replay' ? 'replayed' : 'discarded';
  if (json) process.stdout.write(`${JSON.stringify({ [word]: done, missing })}\n`);
  else process.stdout.write(`${done} ${word}.${missing.length === 0 ? '' : ` Not there: ${missing.join(' ')}`}\n`);
  if (missing.length > 0) process.exitCode = 1;
}

async function handleAll(letters: DeadLetterService, act: LetterAct, lane: WorkStream | undefined): Promise<number> {
  const bar = createProgressBar(await letters.count(lane));
  try {
    return await letters.handleAll(act, { lane }, bar.update);
  } finally {
    bar.finish();
  }
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.');
  return Number(text);
}

function letterId(text: string): LetterId {
  const id = parseLetterId(text);
  if (id === null) throw new InvalidArgumentError('It must be the id of a dead letter.');
  return id;
}
