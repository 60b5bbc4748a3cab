import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../config.ts';
import { publicUrlOf } from '../links/public-url.ts';
import { CommandError } from './command-error.ts';

const REQUEST_TIMEOUT_MS = 30_000;
/** Who did it, for the log of the service. */
const CHANNEL = 'command line';

/** The API has refused, or did not answer. */
export class ApiError extends CommandError {
  override readonly code = 'api_failed';
  /** The same request may succeed later. */
  readonly mayPass: boolean;

  constructor(message: string, { mayPass, cause }: { mayPass: boolean; cause?: unknown }) {
    super(message, { cause });
    this.mayPass = mayPass;
  }
}

/** The API of a Vestnik that runs. */
export interface ApiClient {
  /** The body of a 2xx answer. @throws {ApiError} with one line that says what to do. */
  call(method: 'GET' | 'POST', path: string, options?: { body?: unknown; signal?: AbortSignal }): Promise<unknown>;
}

export interface ApiOptions {
  /** What HOST and PORT say unless given. */
  url?: string;
  /** A file that holds the key; else it is ADMIN_API_KEY, or the one that the sandbox of this folder has made. */
  keyFile?: string;
}

/** @throws {CommandError} when no key is found. */
export async function openApi(config: Config, options: ApiOptions): Promise<ApiClient> {
  const base = baseUrl(config, options.url);
  const key = await findKey(config, options.keyFile);
  const place = `Vestnik at ${new URL(base).host}`;

  return {
    async call(method, path, { body, signal } = {}) {
      const request = {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          'x-initiated-by-channel': CHANNEL,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: 'manual' as const,
        signal: AbortSignal.any([AbortSignal.timeout(REQUEST_TIMEOUT_MS), ...(signal ? [signal] : [])]),
      };
      try {
        const response = await fetch(`${base}${path}`, request);
        const answer = parseJson(await response.text());
        if (response.ok && answer !== undefined) return answer;
        throw refusal(place, response.status, answer);
      } catch (error) {
        if (error instanceof ApiError || signal?.aborted) throw error;
        throw new ApiError(`${place} does not answer (${reasonOf(error)}): start it, or say with --url where it is`, {
          mayPass: true,
          cause: error,
        });
      }
    },
  };
}

function baseUrl({ HOST, PORT }: Config, url: string | undefined): string {
  if (url === undefined && PORT === 0) throw new CommandError('PORT is 0: say with --url where Vestnik is');
  if (url !== undefined && (!URL.canParse(url) || !/^https?:\/\//i.test(url)))
    throw new CommandError('--url must be a URL that starts with http:// or https://');
  return publicUrlOf({ PUBLIC_URL: url, HOST }, PORT);
}

async function findKey({ ADMIN_API_KEY, dataDir }: Config, keyFile: string | undefined): Promise<string> {
  if (keyFile === undefined && ADMIN_API_KEY !== undefined) return checked(ADMIN_API_KEY, 'ADMIN_API_KEY');
  const path = keyFile ?? join(dataDir, 'sandbox-api-key');
  try {
    return checked((await readFile(path, 'utf8')).trim(), path);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (keyFile === undefined && code === 'ENOENT')
      throw new CommandError('no key: set ADMIN_API_KEY, or name a file that holds it with --key-file');
    throw new CommandError(`the key cannot be read from ${path}: ${code}`, { cause: error });
  }
}

/** @throws {CommandError} for what no header can hold. */
function checked(key: string, source: string): string {
  if (/^[!-~]+$/.test(key)) return key;
  throw new CommandError(`${source} holds no key: one word of ASCII characters`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const problemSchema = z.object({
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), detail: z.string() })).default([]),
});

function refusal(place: string, status: number, answer: unknown): ApiError {
  const mayPass = status >= 500;
  const problem = problemSchema.safeParse(answer);
  if (!problem.success)
    return new ApiError(`${place} does not answer as Vestnik does (status ${status}): check --url, HOST and PORT`, {
      mayPass,
    });
  const { detail, errors } = problem.data;
  if (status === 401)
    return new ApiError(`${place}: ${plain(detail)}; check ADMIN_API_KEY, or --key-file`, { mayPass });
  const unsaid = errors.filter(({ field }) => !detail.includes(field)).map((error) => `${error.field} ${error.detail}`);
  return new ApiError(plain([detail, ...unsaid].join('; ')), { mayPass });
}

/** One line without what could move the cursor. */
const plain = (text: string): string => text.replace(/\p{C}+/gu, ' ');

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error.name === 'TimeoutError') return `nothing for ${REQUEST_TIMEOUT_MS / 1000} s`;
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message;
}
