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
 * What links are signed with: `<dataDir>/link-secret`, which the first of any number of processes makes.
 * @throws {LinkSecretError} the file makes no sense.
 */
export async function loadLinkSecret(dataDir: string): Promise<Buffer> {
  const path = join(dataDir, FILE_NAME);
  const text = (await readOrWriteOnce(path, () => `${randomBytes(SECRET_BYTES).toString('base64url')}\n`)).trim();
  if (!SECRET.test(text))
    throw new LinkSecretError(`${path} holds no secret; restore it, as a new one ends every link`);
  return Buffer.from(text, 'base64url');
}
