import { hash, randomBytes } from 'node:crypto';

/** So that people, and scanners for secrets that were published, know a key when they see one. */
const MARK = 'vk_';
const KEY_BYTES = 32;
const PREFIX_LENGTH = MARK.length + 8;

/** A key that nobody can guess: `vk_` and 32 random bytes in base64url. */
export const newApiKey = (): string => MARK + randomBytes(KEY_BYTES).toString('base64url');

/** The part of a key by which it is looked up. It is no secret: 208 random bits are left behind it. */
export const prefixOf = (key: string): string => key.slice(0, PREFIX_LENGTH);

export const digestOf = (key: string): Buffer => hash('sha256', key, 'buffer');
