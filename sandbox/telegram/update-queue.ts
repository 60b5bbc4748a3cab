import { ApiError } from './api-error.ts';
import type { UpdatePayloads, UpdateType, WireUpdate } from './wire.ts';

export interface PollRequest {
  /** The first update wanted: all before it are confirmed and forgotten. 0: from the oldest; -n: only the last n. */
  offset: number;
  limit: number;
  timeoutMs: number;
}

export interface UpdateQueue {
  /** Appends an update unless its type is not among the allowed ones. */
  add<Type extends UpdateType>(type: Type, payload: UpdatePayloads[Type]): void;
  /** Remembers `allowed_updates`; an empty list allows every type that the simulator knows. */
  allow(types: readonly string[]): void;
  /**
   * Answers what is there, else waits for the first update or the timeout. A poll that has to wait ends an older waiting one
   * with 409 (Bot API, getUpdates). `gone` ends the wait when the caller hung up.
   */
  poll(request: PollRequest, gone: AbortSignal): Promise<WireUpdate[]>;
  pending(): number;
  /** Ends the waiting poll with nothing. */
  stop(): void;
}

interface WaitingPoll {
  request: PollRequest;
  timer: NodeJS.Timeout;
  answer: (updates: WireUpdate[]) => void;
  refuse: (error: ApiError) => void;
}

const conflict = (): ApiError =>
  new ApiError(
    409,
    'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
  );

export function createUpdateQueue(firstUpdateId: number): UpdateQueue {
  let updates: WireUpdate[] = [];
  let nextId = firstUpdateId;
  let allowed: ReadonlySet<string> = new Set();
  let waiting: WaitingPoll | null = null;

  const endWait = (): WaitingPoll | null => {
    const ended = waiting;
    waiting = null;
    if (ended) clearTimeout(ended.timer);
    return ended;
  };

  const confirm = (offset: number): void => {
    if (offset < 0) updates = updates.slice(offset);
    // Ids are consecutive. An offset from beyond the queue confirms nothing, as with the server's own queue.
    else if (offset <= nextId) updates.splice(0, Math.max(0, offset - (nextId - updates.length)));
  };

  return {
    add(type, payload) {
      if (allowed.size > 0 && !allowed.has(type)) return;
      updates.push({ update_id: nextId++, [type]: payload });
      const poll = endWait();
      poll?.answer(updates.slice(0, poll.request.limit));
    },
    allow(types) {
      allowed = new Set(types);
    },
    async poll(request, gone) {
      confirm(request.offset);
      if (updates.length > 0 || request.timeoutMs === 0) return updates.slice(0, request.limit);
      endWait()?.refuse(conflict());
      return await new Promise<WireUpdate[]>((answer, refuse) => {
        const timer = setTimeout(() => endWait()?.answer([]), request.timeoutMs);
        const poll: WaitingPoll = { request, timer, answer, refuse };
        waiting = poll;
        gone.addEventListener('abort', () => {
          if (waiting === poll) endWait()?.answer([]);
        });
      });
    },
    pending: () => updates.length,
    stop: () => endWait()?.answer([]),
  };
}
