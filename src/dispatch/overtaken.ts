import type { Outcome } from '#actors/outcome.ts';

/** The process stood still while the message was made ready, and somebody else may be at it: nothing is sent. */
export const OVERTAKEN: Outcome<never> = Object.freeze({
  kind: 'deferred',
  failure: { code: 'overtaken', message: 'the partition may have passed on before the send began' },
  delayMs: 0,
});
