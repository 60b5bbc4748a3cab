import type { IncomingMessage } from 'node:http';

/**
 * Hands on the whole body once it is in, or null when it is longer than `maxBytes`. A caller that hangs up midway is
 * forgotten.
 */
export function withBody(request: IncomingMessage, maxBytes: number, handle: (body: string | null) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= maxBytes) chunks.push(chunk);
  });
  request.on('end', () => handle(size > maxBytes ? null : Buffer.concat(chunks).toString()));
}
