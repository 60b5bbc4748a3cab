import { setTimeout as sleep } from 'node:timers/promises';
import type { BroadcastStatus } from '../../domain/broadcasts.ts';
import { errorCode } from '../../observability/error-code.ts';
import type { Logger } from '../../observability/log.ts';

/** What the feed knows of a broadcast's view; all of it goes out. */
export interface LiveBroadcast {
  id: number;
  company_id: number;
  status: BroadcastStatus;
}

/**
 * The views of the companies' broadcasts that are scheduled, running or paused, or ended within the last ten seconds; and
 * those with one of `followedIds`, whenever they ended.
 */
export type ReadLiveBroadcasts = (
  companyIds: readonly number[],
  followedIds: readonly number[],
) => Promise<readonly LiveBroadcast[]>;

/** Hears the newest state of one broadcast, as the text of a message. Must not throw. */
export type Hear = (broadcastId: number, message: string) => void;

export interface LiveFeed {
  /** Tells what is live, within an interval, and then what changes. The answer ends it. */
  listen(companyId: number, hear: Hear): () => void;
  /** How many listen, to anything or to one company. */
  listeners(companyId?: number): number;
  /** Looks no more. Idempotent. */
  stop(): Promise<void>;
}

interface LiveFeedDeps {
  read: ReadLiveBroadcasts;
  log: Logger;
  /** Between two looks. */
  intervalMs?: number;
}

const INTERVAL_MS = 500;
/** How long a stop waits for a look that is under way. */
const STOP_MS = 1_000;

interface Listener {
  hear: Hear;
  /** Nothing has been told yet. */
  isNew: boolean;
}

interface State {
  message: string;
  isLive: boolean;
}

interface Audience {
  listeners: Set<Listener>;
  /** By the broadcast's id; as the listeners that are not new know it. */
  states: Map<number, State>;
}

/** Looks at the database for all listeners together, and not at all while nobody listens. */
export function createLiveFeed({ read, log, intervalMs = INTERVAL_MS }: LiveFeedDeps): LiveFeed {
  const audiences = new Map<number, Audience>();
  const ending = new AbortController();
  let looping: Promise<void> | undefined;
  let lastLook = -Infinity;
  let isAway = false;

  async function loop(): Promise<void> {
    while (audiences.size > 0 && !ending.signal.aborted) {
      const wait = lastLook + intervalMs - performance.now();
      if (wait > 0) await sleep(wait, undefined, { signal: ending.signal }).catch(() => undefined);
      lastLook = performance.now();
      if (!ending.signal.aborted) await look();
    }
    looping = undefined;
  }

  async function look(): Promise<void> {
    // Who joins meanwhile is told at the next look.
    const asked = [...audiences].map(([companyId, audience]) => ({
      ...{ companyId, audience, listeners: [...audience.listeners] },
    }));
    const followed = asked.flatMap(({ audience }) =>
      [...audience.states].filter(([, { isLive }]) => isLive).map(([id]) => id),
    );
    try {
      const broadcasts = await read(
        asked.map(({ companyId }) => companyId),
        followed,
      );
      if (isAway) log.info('live broadcasts can be read again');
      isAway = false;
      for (const { companyId, audience, listeners } of asked)
        tell(
          audience,
          listeners,
          broadcasts.filter((broadcast) => broadcast.company_id === companyId),
        );
    } catch (error) {
      if (!isAway && !ending.signal.aborted)
        log.warn({ reason: errorCode(error) }, 'live broadcasts cannot be read; their listeners wait');
      isAway = true;
    }
  }

  return {
    listen(companyId, hear) {
      const audience = audiences.get(companyId) ?? { listeners: new Set(), states: new Map() };
      const listener = { hear, isNew: true };
      audience.listeners.add(listener);
      audiences.set(companyId, audience);
      looping ??= loop();
      return () => {
        audience.listeners.delete(listener);
        if (audience.listeners.size === 0 && audiences.get(companyId) === audience) audiences.delete(companyId);
      };
    },
    listeners: (companyId) =>
      companyId === undefined
        ? [...audiences.values()].reduce((count, { listeners }) => count + listeners.size, 0)
        : (audiences.get(companyId)?.listeners.size ?? 0),
    async stop() {
      ending.abort();
      await Promise.race([looping, sleep(STOP_MS, undefined, { ref: false })]);
    },
  };
}

function tell(audience: Audience, listeners: readonly Listener[], broadcasts: readonly LiveBroadcast[]): void {
  const states = new Map(broadcasts.map((broadcast) => [broadcast.id, stateOf(broadcast)]));
  for (const listener of listeners) {
    if (!audience.listeners.has(listener)) continue;
    for (const [id, { message, isLive }] of states)
      if (listener.isNew ? isLive : audience.states.get(id)?.message !== message) listener.hear(id, message);
    listener.isNew = false;
  }
  audience.states = states;
}

function stateOf(broadcast: LiveBroadcast): State {
  return {
    message: JSON.stringify({ type: 'broadcast', broadcast }),
    isLive: broadcast.status !== 'completed' && broadcast.status !== 'cancelled',
  };
}
