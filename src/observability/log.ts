import { type DestinationStream, type Logger, pino } from 'pino';
import { errorCode, errorPlace } from './error-code.ts';
import { redacted } from './redaction.ts';

export type { Logger } from 'pino';

const serializers = { err: (error: unknown) => ({ code: errorCode(error), place: errorPlace(error) }) };
const WRITTEN: ReadonlySet<string> = new Set(Object.keys(serializers));

/**
 * JSON lines on standard output. Callers log ids, never names, phones, tokens or endpoints; the redaction is the net under that,
 * and of an error only its code and place are told. What a child log carries is not looked through: there is none.
 */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service: 'vestnik' },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers,
    formatters: { log: (line: Record<string, unknown>) => redacted(line, WRITTEN) },
  };
  return destination ? pino(options, destination) : pino(options);
}
