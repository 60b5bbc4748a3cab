import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** JSON lines on standard output. Callers log ids, never names, phones, tokens or endpoints; the paths below are the net under that. */
export function createLog(level: string): Logger {
  return pino({
    level,
    base: { service: 'vestnik' },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: ['*.phone', '*.name', '*.token', '*.endpoint', '*.authorization', '*.html', 'headers.authorization'],
      censor: '[redacted]',
    },
  });
}
