/** Redis begins a refusal with a word in capitals, ours among them (`FENCED`, `OOM`). */
const REDIS_CODE = /^[A-Z]{3,}\b/;

/**
 * What a log may tell of an error: its code or class. A database driver's message quotes the statement with the names and
 * phones in it.
 */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  const { name } = error.constructor;
  return (name === 'ReplyError' && REDIS_CODE.exec(error.message)?.[0]) || name;
}

const FRAME = /^\s+at .*:\d+:\d+\)?$/;
const FRAMES = 3;

/** Where an error was thrown: the innermost frames of its stack, without the message above them. */
export function errorPlace(error: unknown): string[] {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  return lines
    .filter((line) => FRAME.test(line))
    .slice(0, FRAMES)
    .map((line) => line.trim());
}
