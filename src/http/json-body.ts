import { isUtf8 } from 'node:buffer';
import { malformed, Problem } from './problem.ts';

/** A PATCH is a JSON merge patch (RFC 7396), under its own media type or as plain JSON. */
export const PATCH_MEDIA_TYPES = ['application/merge-patch+json', 'application/json'] as const;
/** RFC 5789, section 3.1. */
export const ACCEPT_PATCH = { 'accept-patch': PATCH_MEDIA_TYPES.join(', ') };

const JSON_TYPE = /^application\/json *(; *charset="?utf-8"? *)?$/i;
const PATCH_TYPE = /^application\/(merge-patch\+)?json *(; *charset="?utf-8"? *)?$/i;

/**
 * Reads a JSON body (RFC 8259: UTF-8). An empty one is undefined, whatever its media type.
 * @throws {Problem} 415, or 400 naming the position where the parser knows it.
 */
export function parseJsonBody(body: Buffer, contentType: string | undefined, method: string): unknown {
  if (body.length === 0) return undefined;
  const isPatch = method === 'PATCH';
  if (!(isPatch ? PATCH_TYPE : JSON_TYPE).test(contentType ?? '')) {
    const types = isPatch ? PATCH_MEDIA_TYPES.join(' or ') : 'application/json';
    throw new Problem('unsupported_media_type', `send the body with Content-Type: ${types}`, {
      ...(isPatch && { headers: ACCEPT_PATCH }),
    });
  }
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
