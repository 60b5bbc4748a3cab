/** Seconds, or the moment (sent as an HTTP date; RFC 9110, section 10.2.3). */
export type RetryAfter = number | Date;

/**
 * What can be made to go wrong with a request. `slow`, `reset_after` and those with a `status` of 2xx let the message
 * through once it has passed all checks; the others answer without checking anything.
 */
export type Fault =
  /** 404, 410, 413, 401, 403, 500, in autopush's words. */
  | { kind: 'not_found' | 'gone' | 'payload_too_large' | 'unauthorized' | 'forbidden' | 'server_error' }
  /** 429 and 503. */
  | { kind: 'too_many_requests' | 'unavailable'; retryAfter?: RetryAfter }
  | { kind: 'redirect'; status: 301 | 302 | 303 | 307 | 308; location: string }
  /** Any other answer; a 2xx lets the message through. */
  | { kind: 'answer'; status: number; headers?: Record<string, string>; body?: string }
  /** Never answered; the connection stays open. */
  | { kind: 'hang' }
  /** Answered after `ms`. */
  | { kind: 'slow'; ms: number }
  /** The head, or the body after a prompt head, comes a byte each `everyMs` (1,000 by default) and never ends. */
  | { kind: 'drip'; part: 'head' | 'body'; everyMs?: number; status?: number }
  /** A body without end, as fast as it is read. */
  | { kind: 'endless_body'; status?: number }
  /** Something that is no HTTP, then the end of the connection. */
  | { kind: 'garbage' }
  /** The connection is closed in good order before the request's body is read. */
  | { kind: 'close_before' }
  /** The connection is reset once the request was read; nothing has happened. */
  | { kind: 'reset_before' }
  /** The connection is reset once the message was accepted: the answer is lost. */
  | { kind: 'reset_after' };

export interface FaultOptions {
  /** How many requests it hits; without it, all until it is cleared. */
  times?: number;
}

/** An endpoint, or every one, unknown ones included. */
export type FaultTarget = string | 'all';

interface ScriptedFault {
  fault: Fault;
  left: number;
}

export interface FaultScript {
  /** Adds a fault behind those already scripted for the target; the answer takes it back. */
  add(target: FaultTarget, fault: Fault, options?: FaultOptions): () => void;
  /** Forgets the faults of one target, or all. */
  clear(target?: FaultTarget): void;
  /** The fault this request meets, if any; it counts as used. Those for all come before the endpoint's. */
  next(endpoint: string): Fault | undefined;
}

export function createFaultScript(): FaultScript {
  const scripts = new Map<FaultTarget, ScriptedFault[]>();

  const remove = (target: FaultTarget, scripted: ScriptedFault): void => {
    const rest = (scripts.get(target) ?? []).filter((other) => other !== scripted);
    if (rest.length === 0) scripts.delete(target);
    else scripts.set(target, rest);
  };

  const take = (target: FaultTarget): Fault | undefined => {
    const scripted = scripts.get(target)?.[0];
    if (!scripted) return undefined;
    scripted.left -= 1;
    if (scripted.left <= 0) remove(target, scripted);
    return scripted.fault;
  };

  return {
    add(target, fault, { times = Number.POSITIVE_INFINITY } = {}) {
      const scripted: ScriptedFault = { fault, left: times };
      scripts.set(target, [...(scripts.get(target) ?? []), scripted]);
      return () => remove(target, scripted);
    },
    clear(target) {
      if (target === undefined) scripts.clear();
      else scripts.delete(target);
    },
    next(endpoint) {
      if (scripts.size === 0) return undefined;
      return take('all') ?? take(endpoint);
    },
  };
}
