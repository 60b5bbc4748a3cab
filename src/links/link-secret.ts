import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readOrWriteOnce } from '../write-once.ts';

const FILE_NAME = 'link-secret';
const SECRET_BYTES = 32;
const SECRET = /^[\w-]{43}$/;

/** The file of the secret is damaged. Never replaced by itself: that would end every link that was given out. */
export class LinkSecretError extends Error {
  readonly code = 'bad_link_secret';
}

/**
 * What links are signed with: LINK_SECRET, else `<dataDir>/link-secret`, which the first of any number of processes makes.
 * The text of that file as LINK_SECRET gives the same, so that links already given out go on.
 * @throws {LinkSecretError} the file makes no sense.
 */
export async function loadLinkSecret(dataDir: string, given?: string): Promise<Buffer> {
  if (given !== undefined) return SECRET.test(given) ? Buffer.from(given, 'base64url') : Buffer.from(given);
  const path = join(dataDir, FILE_NAME);
  const text = (await readOrWriteOnce(path, () => `${randomBytes(SECRET_BYTES).toString('base64url')}\n`)).trim();
  if (!SECRET.test(text))
    throw new LinkSecretError(`${path} holds no secret; restore it, as a new one ends every link`);
  return Buffer.from(text, 'base64url');
}
