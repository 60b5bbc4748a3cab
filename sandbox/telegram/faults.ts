/** What can be made to go wrong with a request. Only `slow`, `malformed_json` and `reset_after` let it take effect. */
export type Fault =
  | { kind: 'blocked' | 'deactivated' | 'chat_not_found' | 'unauthorized' }
  /** The text is refused, as malformed HTML is. */
  | { kind: 'cant_parse_entities' }
  /** 500, as JSON. */
  | { kind: 'server_error' }
  /** 502 with an HTML page, as a proxy in front of Telegram answers. */
  | { kind: 'bad_gateway' }
  /** 200 with JSON cut in half. */
  | { kind: 'malformed_json' }
  | { kind: 'too_many_requests'; retryAfter: number }
  | { kind: 'migrated'; to: number }
  /** Never answered; the connection stays open. */
  | { kind: 'hang' }
  /** Takes effect at once, answered after `ms`. */
  | { kind: 'slow'; ms: number }
  /** The connection is reset and nothing has happened. */
  | { kind: 'reset_before' }
  /** The connection is reset after the request took effect: the answer is lost. */
  | { kind: 'reset_after' };

export interface FaultOptions {
  /** How many requests it hits; without it, all until it is cleared. */
  times?: number;
  /** Only these methods; without it, every method that names the chat (all methods for `'bot'`). */
  methods?: readonly string[];
}

/** A chat id, or the whole bot. */
export type FaultTarget = number | 'bot';

interface ScriptedFault {
  fault: Fault;
  left: number;
  methods: ReadonlySet<string> | undefined;
}

export interface FaultScript {
  /** Adds a fault behind those already scripted for the target; the answer takes it back. */
  add(target: FaultTarget, fault: Fault, options?: FaultOptions): () => void;
  /** Forgets the faults of one target, or all. */
  clear(target?: FaultTarget): void;
  /** The fault this request meets, if any; it counts as used. The bot's faults come before the chat's. */
  next(method: string, chatId: number | undefined): Fault | undefined;
}

export function createFaultScript(): FaultScript {
  const scripts = new Map<FaultTarget, ScriptedFault[]>();

  const remove = (target: FaultTarget, scripted: ScriptedFault): void => {
    const rest = (scripts.get(target) ?? []).filter((other) => other !== scripted);
    if (rest.length === 0) scripts.delete(target);
    else scripts.set(target, rest);
  };

  const take = (target: FaultTarget, method: string): Fault | undefined => {
    const scripted = scripts.get(target)?.find(({ methods }) => methods === undefined || methods.has(method));
    if (!scripted) return undefined;
    scripted.left -= 1;
    if (scripted.left <= 0) remove(target, scripted);
    return scripted.fault;
  };

  return {
    add(target, fault, { times = Number.POSITIVE_INFINITY, methods } = {}) {
      const lower = methods && new Set(methods.map((method) => method.toLowerCase()));
      const scripted: ScriptedFault = { fault, left: times, methods: lower };
      scripts.set(target, [...(scripts.get(target) ?? []), scripted]);
      return () => remove(target, scripted);
    },
    clear(target) {
      if (target === undefined) scripts.clear();
      else scripts.delete(target);
    },
    next(method, chatId) {
      if (scripts.size === 0) return undefined;
      return take('bot', method) ?? (chatId === undefined ? undefined : take(chatId, method));
    },
  };
}
