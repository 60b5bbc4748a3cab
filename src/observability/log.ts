import { type DestinationStream, type Logger, pino } from 'pino';
import { errorCode, errorPlace } from './error-code.ts';

export type { Logger } from 'pino';

/** What no line may hold, however deep it stands. */
const SECRETS = ['phone', 'name', 'token', 'endpoint', 'authorization', 'html', 'text'];

/**
 * JSON lines on standard output. Callers log ids, never names, phones, tokens or endpoints; the paths are the net under that,
 * and of an error only its code and place are told.
 */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service: 'vestnik' },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: (error: unknown) => ({ code: errorCode(error), place: errorPlace(error) }) },
    redact: {
      paths: [...SECRETS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), 'headers.authorization'],
      censor: '[redacted]',
    },
  };
  return destination ? pino(options, destination) : pino(options);
}
