import { type Command, InvalidArgumentError } from 'commander';
import { readConfig } from '../config.ts';
import { insertApiKey, listApiKeys, revokeApiKey, type StoredApiKey } from '../db/api-keys.ts';
import type { Database } from '../db/database.ts';
import { Company } from '../db/entities.ts';
import { findRow } from '../db/rows.ts';
import { isScope, SCOPES, type Scope } from '../domain/scopes.ts';
import { isCalendarDate } from '../domain/venue-clock.ts';
import { digestOf, newApiKey, prefixOf } from '../keys/api-key.ts';
import { createLog } from '../observability/log.ts';
import { openMigrated } from '../open-database.ts';
import { CommandError } from './command-error.ts';
import { textTable } from './text-table.ts';

const NAME_MAX_LENGTH = 100;
/** Ids are 32-bit integers in PostgreSQL. */
const MAX_ID = 2 ** 31 - 1;

interface CreateOptions {
  company: number;
  name: string;
  scope: Scope[];
  expires?: Date;
  json?: true;
}

interface ListOptions {
  company?: number;
  json?: true;
}

export function addKeysCommands(program: Command): void {
  const keys = program
    .command('keys')
    .description('API keys of companies; works on the database, and a Vestnik that runs follows within seconds');
  keys
    .command('create')
    .description('make a key for one company and print it, once: only its hash is kept')
    .requiredOption('--company <id>', 'the company it opens, and no other', idArgument)
    .requiredOption('--name <name>', 'what to call it', nameArgument)
    .requiredOption('--scope <scopes>', `what it may do, separated by commas: ${SCOPES.join(', ')}`, scopesArgument)
    .option('--expires <time>', 'until when it is good: a day in UTC, or ISO 8601 with a time zone', timeArgument)
    .option('--json', 'print JSON')
    .action((options: CreateOptions) => withDatabase((database) => create(database, options)));
  keys
    .command('list')
    .description('list keys by the beginning that was printed, with what became of them')
    .option('--company <id>', 'only those of this company', idArgument)
    .option('--json', 'print JSON')
    .action((options: ListOptions) => withDatabase((database) => list(database, options)));
  keys
    .command('revoke')
    .description('end a key for good')
    .argument('<id>', 'as `vestnik keys list` shows it', idArgument)
    .option('--json', 'print JSON')
    .action((id: number, options: { json?: true }) => withDatabase((database) => revoke(database, id, options)));
}

async function withDatabase(work: (database: Database) => Promise<string>): Promise<void> {
  const config = readConfig(process.env);
  const { database } = await openMigrated({ database: config.DATABASE_URL, log: createLog(config.LOG_LEVEL) });
  try {
    process.stdout.write(await work(database));
  } finally {
    await database.close();
  }
}

async function create(database: Database, { company, name, scope, expires, json }: CreateOptions): Promise<string> {
  const now = new Date();
  if (expires && expires <= now) throw new CommandError('--expires is over already');
  const key = newApiKey();
  const stored = await database.write(async (tx) => {
    if (!(await findRow(tx, Company, { id: company }))) throw new CommandError(`there is no company ${company}`);
    return await insertApiKey(tx, {
      ...{ company_id: company, name, prefix: prefixOf(key), hash: digestOf(key).toString('hex') },
      ...{ scopes: scope, created_at: now, expires_at: expires ?? null },
    });
  });
  if (json) return `${JSON.stringify({ key, ...keyView(stored, now) })}\n`;
  return `${key}\nKey ${stored.id} of company ${company} may ${scope.join(', ')}. It is not shown again.\n`;
}

async function list(database: Database, { company, json }: ListOptions): Promise<string> {
  const now = new Date();
  const keys = (await listApiKeys(database.read(), company)).map((key) => keyView(key, now));
  if (json) return `${JSON.stringify({ items: keys })}\n`;
  if (keys.length === 0) return 'There are no keys.\n';
  const head = ['ID', 'COMPANY', 'KEY', 'NAME', 'STATUS', 'SCOPES', 'EXPIRES', 'LAST USED'];
  return textTable(
    head,
    keys.map(({ id, company_id, prefix, name, status, scopes, expires_at, last_used_at }) => [
      ...[String(id), String(company_id), `${prefix}…`, name, status, scopes.join(',')],
      ...[expires_at?.toISOString() ?? '–', last_used_at?.toISOString() ?? '–'],
    ]),
  );
}

async function revoke(database: Database, id: number, { json }: { json?: true }): Promise<string> {
  const revoked = await database.write((tx) => revokeApiKey(tx, id, new Date()));
  if (!revoked) throw new CommandError(`there is no key ${id} that could be revoked`);
  return json ? `${JSON.stringify({ revoked: id })}\n` : `Key ${id} is revoked.\n`;
}

function keyView({ hash: _, ...key }: StoredApiKey, now: Date) {
  const isExpired = key.expires_at !== null && key.expires_at <= now;
  const status = key.revoked_at ? 'revoked' : isExpired ? 'expired' : 'active';
  return { ...key, status };
}

function idArgument(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text) || Number(text) > MAX_ID)
    throw new InvalidArgumentError('It must be a whole number from 1.');
  return Number(text);
}

function nameArgument(text: string): string {
  if (text.trim() === '' || [...text].length > NAME_MAX_LENGTH || text.includes('\0') || !text.isWellFormed())
    throw new InvalidArgumentError(`It must have 1 to ${NAME_MAX_LENGTH} characters.`);
  return text;
}

function scopesArgument(text: string): Scope[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  const scopes = names.filter(isScope);
  if (scopes.length < names.length) throw new InvalidArgumentError(`Known are ${SCOPES.join(', ')}.`);
  return scopes;
}

const TIME = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

/** A day alone is its midnight in UTC (ECMA-262, Date Time String Format). */
function timeArgument(text: string): Date {
  const day = TIME.exec(text)?.[1] ?? '';
  const time = new Date(text);
  if (!isCalendarDate(day) || Number.isNaN(time.getTime()))
    throw new InvalidArgumentError('It must be a day such as 2027-01-01, or a time with its zone.');
  return time;
}
