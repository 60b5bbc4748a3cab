import { createHash } from 'node:crypto';
import type { Answer } from './answer.ts';
import { malformed, Problem } from './problem.ts';

/** What If-Match or If-None-Match names (RFC 9110, sections 13.1.1 and 13.1.2). Tags have their quotes, weak ones their `W/`. */
export type TagList = '*' | readonly string[];

const MALFORMED_TAGS = 'must be * or a list of entity tags in double quotes';

/**
 * One element of a list, with its comma; it may be empty (RFC 9110, sections 5.6.1.2 and 8.8.3). None of our tags has bytes above
 * ASCII.
 */
const ELEMENT = /[ \t]*((?:W\/)?"[!#-~]*"[ \t]*)?(?:,|$)/y;

/** Undefined without the header. @throws {Problem} 400. */
export function parseTags(name: 'If-Match' | 'If-None-Match', header: string | undefined): TagList | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return '*';
  const tags: string[] = [];
  ELEMENT.lastIndex = 0;
  while (ELEMENT.lastIndex < header.length) {
    const found = ELEMENT.exec(header);
    if (!found) throw malformed(name, MALFORMED_TAGS);
    if (found[1] !== undefined) tags.push(found[1].trim());
  }
  if (tags.length === 0) throw malformed(name, MALFORMED_TAGS);
  return tags;
}

/** Strong: equal for equal bytes alone. */
export function entityTag(bytes: string | Uint8Array): string {
  return `"${createHash('sha256').update(bytes).digest('base64url')}"`;
}

/** The answer with its tag, where it is the representation of an item; 304 to a GET that names this tag, or `*`. */
export function tagged(answer: Answer, ifNoneMatch: TagList | undefined): Answer {
  if (answer.text === undefined || answer.status >= 300) return answer;
  const etag = entityTag(answer.text);
  const headers = { ...answer.headers, etag };
  return ifNoneMatch && namesWeakly(ifNoneMatch, etag) ? { status: 304, headers } : { ...answer, headers };
}

/** The weak comparison of If-None-Match. */
export function namesWeakly(tags: TagList, etag: string): boolean {
  return tags === '*' || tags.some((tag) => tag.replace(/^W\//, '') === etag);
}

/**
 * To be called in the transaction that changes the item, before it changes anything.
 * @param current the item as GET answers it
 * @throws {Problem} 412 where If-Match names another state; the comparison is strong, so a weak tag names none
 */
export async function requireMatch(
  ifMatch: TagList | undefined,
  current: () => Answer | Promise<Answer>,
): Promise<void> {
  if (ifMatch === undefined || ifMatch === '*') return;
  const { text = '' } = await current();
  const etag = entityTag(text);
  if (ifMatch.includes(etag)) return;
  throw new Problem('precondition_failed', 'it is no longer as If-Match says: read it again', { headers: { etag } });
}
