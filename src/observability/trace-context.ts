import { randomFillSync } from 'node:crypto';

/** A span's place in its trace (W3C Trace Context). Ids are in lower-case hex, of 16 and of 8 bytes. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  /** Whoever began the trace wants its spans kept. */
  readonly isSampled: boolean;
}

/** Later versions may say more behind the flags, after another dash (section 3.2.2: "Versioning of traceparent"). */
const HEADER = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const SAMPLED = 1;

/** Reads the header `traceparent`; null for what the recommendation does not allow, which begins a trace anew. */
export function parseTraceparent(header: string | undefined): TraceContext | null {
  const [, version, traceId = '', spanId = '', flags = '', more] = HEADER.exec(header ?? '') ?? [];
  if (version === undefined || version === 'ff') return null;
  if (version === '00' && more !== undefined) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0 };
}

/** Always of version 00, with the one flag that it knows. */
export function traceparentOf({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

const POOL_BYTES = 4096;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/** Randomness for many ids at once: asking for each costs more than all else that a trace does. */
function randomHex(bytes: number): string {
  if (used + bytes > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}

/** A new span below the given one. */
export function childOf({ traceId, isSampled }: TraceContext): TraceContext {
  return { traceId, spanId: randomHex(8), isSampled };
}

export function newTrace(isSampled: boolean): TraceContext {
  return { traceId: randomHex(16), spanId: randomHex(8), isSampled };
}
