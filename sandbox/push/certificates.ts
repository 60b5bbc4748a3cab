import { generate } from 'selfsigned';

export interface Certificates {
  /** What a sender must trust, PEM. */
  ca: string;
  /** The server's, PEM. */
  cert: string;
  key: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const EC = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;

/** A fresh authority, and a certificate of it for `hostname`, localhost and 127.0.0.1; both valid for a month. */
export async function makeCertificates(hostname: string): Promise<Certificates> {
  const validity = {
    notBeforeDate: new Date(Date.now() - HOUR_MS),
    notAfterDate: new Date(Date.now() + 30 * DAY_MS),
  };
  const authority = await generate([{ name: 'commonName', value: 'Vestnik sandbox push CA' }], {
    ...EC,
    ...validity,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const names = [...new Set(['localhost', hostname])].filter((name) => name !== '127.0.0.1');
  const server = await generate([{ name: 'commonName', value: hostname }], {
    ...EC,
    ...validity,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [...names.map((value) => ({ type: 2 as const, value })), { type: 7, ip: '127.0.0.1' }],
      },
    ],
  });
  return { ca: authority.cert, cert: server.cert, key: server.private };
}
