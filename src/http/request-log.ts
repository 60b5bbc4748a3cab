import type { Logger } from '../observability/log.ts';

export interface RequestRecord {
  request_id: string;
  trace_id: string;
  method: string;
  /** The route's pattern, never the path as sent. */
  route: string | undefined;
  status: number;
  duration_ms: number;
}

/** Whether there will be a line: most requests have none, and need no record for it. */
export const isLogged = (log: Logger, status: number): boolean => status >= 500 || log.isLevelEnabled('debug');

/** One line a request: `error` for our own failures with their cause, `debug` for everything else. */
export function logRequest(log: Logger, record: RequestRecord, cause: unknown): void {
  if (record.status >= 500) log.error({ ...record, cause: describeError(cause) }, 'request failed');
  else log.debug(record, 'request');
}

const MAX_CAUSES = 4;

interface ErrorDescription {
  /** Its class. */
  type: string;
  code: unknown;
  message: string;
  stack: string[];
  cause?: ErrorDescription;
}

/** What parsers and drivers quote is what somebody has sent. */
const withoutQuotes = (message: string): string => message.replace(/"[^"]*"|'[^']*'/g, '…');

/** An error without personal data: a failed statement's message carries its values in front of the driver's own words. */
function describeError(error: unknown, depth = 1): ErrorDescription | undefined {
  if (!(error instanceof Error)) return undefined;
  const isStatement = /^\s*(insert|update|delete|select|with)\b/i.test(error.message);
  const description: ErrorDescription = {
    type: error.name,
    code: 'code' in error ? error.code : undefined,
    message: withoutQuotes(isStatement ? error.message.slice(error.message.lastIndexOf(' - ') + 3) : error.message),
    stack: (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)),
  };
  const cause = depth < MAX_CAUSES ? describeError(error.cause, depth + 1) : undefined;
  return cause ? { ...description, cause } : description;
}
