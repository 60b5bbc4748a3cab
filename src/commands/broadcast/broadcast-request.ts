import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { CommandError } from '../command-error.ts';

/** What `addRequestOptions` adds. */
export interface RequestOptions {
  company: number;
  html?: string;
  htmlFile?: string;
  pushTitle?: string;
  pushBody?: string;
  pushUrl?: string;
  role?: string[];
  user?: number[];
  locale?: string[];
  notSeenSince?: string;
  sendAt?: string;
  adTemplate?: number;
  allowPaid?: true;
}

/** The options of a command that says what to send, and to whom. The service checks them. */
export function addRequestOptions(command: Command): Command {
  return command
    .requiredOption('--company <id>', 'the company whose people hear it', idArgument)
    .option('--html <text>', 'the message, in Telegram HTML')
    .option('--html-file <path>', 'a file that holds it')
    .option('--push-title <text>', 'for those whom a browser reaches; without it they hear nothing')
    .option('--push-body <text>', 'goes with --push-title')
    .option('--push-url <url>', 'the page that opens')
    .option('--role <role>', 'only client, specialist or admin; may be repeated', collected)
    .option('--user <id>', 'only this user; may be repeated', collectedId)
    .option('--locale <locale>', 'only those who speak ru or en; may be repeated', collected)
    .option('--not-seen-since <time>', 'only clients without a booking since then, such as 2026-09-01T00:00:00+03:00')
    .option('--send-at <time>', 'not before then, such as 2026-11-24T10:00:00+03:00')
    .option('--ad-template <id>', 'the ad below the message', idArgument)
    .option('--allow-paid', 'let Telegram charge for a faster pace')
    .addHelpText('after', '\nWithout --role, --user, --locale and --not-seen-since everybody in the company hears it.');
}

/** The body of `POST /v1/broadcasts`. @throws {CommandError} */
export async function requestBody(options: RequestOptions): Promise<object> {
  const { company, role, user, locale, notSeenSince, sendAt, adTemplate, allowPaid } = options;
  const push = pushOf(options);
  return {
    company_id: company,
    audience: {
      ...(role && { roles: role }),
      ...(user && { user_ids: user }),
      ...(locale && { locales: locale }),
      ...(notSeenSince !== undefined && { not_seen_since: notSeenSince }),
    },
    content: { tg_html: await htmlOf(options), ...(push && { push }) },
    ...(sendAt !== undefined && { send_at: sendAt }),
    ...(adTemplate !== undefined && { ad_template_id: adTemplate }),
    ...(allowPaid && { allow_paid: true }),
  };
}

async function htmlOf({ html, htmlFile }: RequestOptions): Promise<string> {
  if ((html === undefined) === (htmlFile === undefined))
    throw new CommandError('give the message with --html or --html-file, and not with both');
  if (htmlFile === undefined) return html ?? '';
  try {
    // An editor ends a file with a line break, which is no part of the message.
    return (await readFile(htmlFile, 'utf8')).trimEnd();
  } catch (cause) {
    throw new CommandError(`${htmlFile} cannot be read: ${(cause as NodeJS.ErrnoException).code}`, { cause });
  }
}

function pushOf({ pushTitle, pushBody, pushUrl }: RequestOptions): object | undefined {
  if (pushTitle === undefined && pushBody === undefined && pushUrl === undefined) return undefined;
  if (pushTitle === undefined || pushBody === undefined)
    throw new CommandError('a push message needs --push-title and --push-body');
  return { title: pushTitle, body: pushBody, ...(pushUrl !== undefined && { url: pushUrl }) };
}

export function idArgument(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.');
  return Number(text);
}

const collected = (text: string, before: string[] = []): string[] => [...before, text];
const collectedId = (text: string, before: number[] = []): number[] => [...before, idArgument(text)];
