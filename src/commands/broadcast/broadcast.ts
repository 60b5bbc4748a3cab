import { type Command, Option } from 'commander';
import { readConfig } from '../../config.ts';
import { BROADCAST_ACTIONS, BROADCAST_STATUSES, type BroadcastAction } from '../../domain/broadcasts.ts';
import { type ApiClient, type ApiOptions, openApi } from '../api-client.ts';
import { readBroadcast, readBroadcastList, readPreview } from './broadcast-answer.ts';
import { addRequestOptions, idArgument, type RequestOptions, requestBody } from './broadcast-request.ts';
import { broadcastTable, broadcastText, previewText } from './broadcast-text.ts';
import { watchBroadcast } from './broadcast-watch.ts';

interface Output {
  json?: true;
}
interface WatchOptions extends Output {
  watch?: true;
}
interface ListOptions extends Output {
  company?: number;
  status?: string;
  limit: number;
  after?: string;
}
interface PreviewOptions extends Output, RequestOptions {
  sendTestTo?: number;
}

const ACT_DESCRIPTIONS: Record<BroadcastAction, string> = {
  pause: 'let nothing more go out, until it is resumed',
  resume: 'go on where it was paused',
  cancel: 'end it for good',
  'retry-failed': 'send once more to those whom it did not reach; never to those who may have got it',
};

export function addBroadcastCommands(program: Command): void {
  const broadcast = program
    .command('broadcast')
    .description('broadcasts: one message to many people, through the API of a Vestnik that runs');
  const add = (name: string, description: string): Command => addCommonOptions(broadcast.command(name), description);

  addRequestOptions(add('create', 'send a message to many, now or later'))
    .option('--watch', 'show how it goes until it ends; Ctrl-C ends only the watching')
    .action((options: RequestOptions & WatchOptions & ApiOptions) => withApi(options, (api) => create(api, options)));
  addRequestOptions(add('preview', 'tell who would hear it, how and when, and show it; sends nothing'))
    .option('--send-test-to <user>', 'send it to this user, whatever they think of ads', idArgument)
    .action((options: PreviewOptions & ApiOptions) => withApi(options, (api) => preview(api, options)));
  add('status', 'show how a broadcast goes')
    .argument('<id>', 'as `vestnik broadcast list` shows it', idArgument)
    .option('--watch', 'go on until it ends; Ctrl-C ends only the watching')
    .action((id: number, options: WatchOptions & ApiOptions) => withApi(options, (api) => status(api, id, options)));
  add('list', 'list broadcasts, the oldest at the top')
    .option('--company <id>', 'only those of this company', idArgument)
    .addOption(new Option('--status <status>', 'only those in this state').choices(BROADCAST_STATUSES))
    .option('--limit <count>', 'at most so many, up to 200', idArgument, 50)
    .option('--after <cursor>', 'only those behind it, as the list says')
    .action((options: ListOptions & ApiOptions) => withApi(options, (api) => list(api, options)));
  for (const act of BROADCAST_ACTIONS)
    add(act, ACT_DESCRIPTIONS[act])
      .argument('<id>', 'as `vestnik broadcast list` shows it', idArgument)
      .action((id: number, options: Output & ApiOptions) =>
        withApi(options, async (api) => show(await api.call('POST', `/v1/broadcasts/${id}/${act}`), options)),
      );
}

function addCommonOptions(command: Command, description: string): Command {
  return command
    .description(description)
    .option('--url <url>', 'where Vestnik listens; else what HOST and PORT say')
    .option('--key-file <path>', 'a file that holds the key; else ADMIN_API_KEY, or the key of the sandbox here')
    .option('--json', 'print JSON as the API answers it, one line each time');
}

async function withApi(options: ApiOptions, work: (api: ApiClient) => Promise<void>): Promise<void> {
  await work(await openApi(readConfig(process.env), options));
}

async function create(api: ApiClient, options: RequestOptions & WatchOptions): Promise<void> {
  const answer = await api.call('POST', '/v1/broadcasts', { body: await requestBody(options) });
  const { id, send_at } = readBroadcast(answer);
  if (options.json) print(answer);
  else process.stdout.write(`Broadcast ${id} goes out ${options.sendAt === undefined ? 'now' : `at ${send_at}`}.\n`);
  if (options.watch) await watchBroadcast(api, id, options);
}

async function preview(api: ApiClient, options: PreviewOptions): Promise<void> {
  const { sendTestTo: send_test_to } = options;
  const body = { ...(await requestBody(options)), ...(send_test_to !== undefined && { send_test_to }) };
  const answer = await api.call('POST', '/v1/broadcasts/preview', { body });
  if (options.json) print(answer);
  else process.stdout.write(previewText(readPreview(answer)));
}

async function status(api: ApiClient, id: number, options: WatchOptions): Promise<void> {
  if (options.watch) await watchBroadcast(api, id, options);
  else show(await api.call('GET', `/v1/broadcasts/${id}`), options);
}

async function list(api: ApiClient, { company, status: state, limit, after, json }: ListOptions): Promise<void> {
  const query = new URLSearchParams({
    limit: String(limit),
    ...(company !== undefined && { company_id: String(company) }),
    ...(state !== undefined && { status: state }),
    ...(after !== undefined && { cursor: after }),
  });
  const answer = await api.call('GET', `/v1/broadcasts?${query}`);
  if (json) return print(answer);
  const { items, next_cursor } = readBroadcastList(answer);
  if (items.length === 0) process.stdout.write('There are no broadcasts.\n');
  else process.stdout.write(broadcastTable(items));
  if (next_cursor !== null) process.stdout.write(`There are more: --after ${next_cursor}\n`);
}

function show(answer: unknown, { json }: Output): void {
  if (json) print(answer);
  else process.stdout.write(broadcastText(readBroadcast(answer)));
}

function print(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
