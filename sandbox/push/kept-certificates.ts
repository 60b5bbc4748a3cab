import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { type Certificates, makeCertificates } from './certificates.ts';

/** New ones are made when less is left than a sandbox may run. */
const MIN_LEFT_MS = 7 * 24 * 3_600_000;

const pem = z.string().startsWith('-----BEGIN ');
const schema = z.object({ ca: pem, cert: pem, key: pem });

/** Those in the file; null when there is none, or nothing of use in it. */
export async function readCertificates(file: string): Promise<Certificates | null> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

/** Kept over restarts, so that an app that trusted them goes on doing so. Only one process may call it at a time. */
export async function keepCertificates(file: string, hostname: string): Promise<Certificates> {
  const kept = await readCertificates(file);
  if (kept && Date.parse(new X509Certificate(kept.cert).validTo) - Date.now() > MIN_LEFT_MS) return kept;
  const made = await makeCertificates(hostname);
  await writeFile(file, `${JSON.stringify(made)}\n`, { mode: 0o600 });
  return made;
}
