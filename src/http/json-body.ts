import { isUtf8 } from 'node:buffer';
import { malformed, Problem } from './problem.ts';

/**
 * Reads a JSON body (RFC 8259: UTF-8). An empty one is undefined, whatever its media type.
 * @throws {Problem} 415, or 400 naming the position where the parser knows it.
 */
export function parseJsonBody(body: Buffer, contentType: string | undefined): unknown {
  if (body.length === 0) return undefined;
  if (!/^application\/json *(; *charset="?utf-8"? *)?$/i.test(contentType ?? ''))
    throw new Problem('unsupported_media_type', 'send the body with Content-Type: application/json');
  if (!isUtf8(body)) throw malformed('body', 'is not valid UTF-8');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    // V8 quotes the body in some of its messages; only the position may go out.
    const position = cause instanceof Error ? /at position (\d+)/.exec(cause.message)?.[1] : undefined;
    const where = position === undefined ? '' : `, at character ${position}`;
    throw malformed('body', `is not valid JSON${where}`, cause);
  }
}
