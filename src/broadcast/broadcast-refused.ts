import type { BroadcastStatus } from '../domain/broadcasts.ts';

/** Why something was not done to a broadcast; the caller words it. */
export type BroadcastRefusal =
  | { code: 'broadcast_not_found' }
  /** It cannot be paused, resumed, … in the state it is in. */
  | { code: 'broadcast_state'; status: BroadcastStatus; act: string }
  /** The field refers to something missing or of another company, or does not fit. */
  | { code: 'invalid_field'; field: string; detail: string };

export class BroadcastRefused extends Error {
  readonly code: BroadcastRefusal['code'];
  readonly refusal: BroadcastRefusal;

  constructor(refusal: BroadcastRefusal) {
    super(refusal.code === 'invalid_field' ? `${refusal.field} ${refusal.detail}` : refusal.code);
    this.name = 'BroadcastRefused';
    this.code = refusal.code;
    this.refusal = refusal;
  }
}
