import { z } from 'zod';

/** `version-trace id-parent id-flags` (W3C Trace Context, section 3.2.2), of version 00, as it is kept in events. */
const TRACEPARENT = /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;

/** Which request an event comes from. What anybody else wrote there costs the event nothing. */
export const traceSchema = z.string().regex(TRACEPARENT).optional().catch(undefined);

/** What one request, one press or one broadcast set in motion has one id, whatever the process; undefined where nothing is known. */
export const traceIdOf = (trace: string | undefined): string | undefined => trace?.slice(3, 35);
