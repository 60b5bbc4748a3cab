/**
 * What a log may tell of an error: its code or class. A database driver's message quotes the statement with the names and
 * phones in it.
 */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.constructor.name;
}
