import { z } from 'zod';
import { initiatorSchema, type LOCALES, type RECIPIENT_ROLES } from './events.ts';
import { traceSchema } from './trace.ts';

export const BROADCAST_STATUSES = ['scheduled', 'running', 'paused', 'completed', 'cancelled'] as const;
export type BroadcastStatus = (typeof BROADCAST_STATUSES)[number];

export const BROADCAST_ACTIONS = ['pause', 'resume', 'cancel', 'retry-failed'] as const;
export type BroadcastAction = (typeof BROADCAST_ACTIONS)[number];

/** What each act makes of each state; a state that is missing refuses it. Repeating an act changes nothing. */
const ACTS: Readonly<Record<BroadcastAction, Partial<Record<BroadcastStatus, BroadcastStatus>>>> = {
  pause: { scheduled: 'paused', running: 'paused', paused: 'paused' },
  resume: { paused: 'running', running: 'running' },
  cancel: { scheduled: 'cancelled', running: 'cancelled', paused: 'cancelled', cancelled: 'cancelled' },
  'retry-failed': { running: 'running', paused: 'paused', completed: 'running' },
};

/**
 * The state after the act; null where it is refused.
 * @param hasStarted one that was paused before its time waits for it again
 */
export function statusAfter(
  act: BroadcastAction,
  { status, hasStarted }: { status: BroadcastStatus; hasStarted: boolean },
): BroadcastStatus | null {
  const next = ACTS[act][status] ?? null;
  return next === 'running' && !hasStarted ? 'scheduled' : next;
}

/** May its messages go out now? A completed one still takes replayed dead letters. */
export const maySend = (status: BroadcastStatus): boolean => status === 'running' || status === 'completed';

/** Whom a broadcast is for: users of the company to whom all of this applies. */
export interface Audience {
  roles?: readonly (typeof RECIPIENT_ROLES)[number][] | undefined;
  user_ids?: readonly number[] | undefined;
  locales?: readonly (typeof LOCALES)[number][] | undefined;
  /** ISO 8601: clients of no booking that began, or will begin, at this moment or later; cancelled ones and no-shows do not count. */
  not_seen_since?: string | undefined;
}

export interface BroadcastContent {
  /** Telegram HTML. */
  tg_html: string;
  /** Without it nobody hears by Web Push. `url` is what a click opens. */
  push?: { title: string; body: string; url: string } | undefined;
}

/** The event of a chunk: who is in it stands in the database. */
export const broadcastEventSchema = z
  .object({
    id: z.string(),
    type: z.literal('broadcast'),
    company_id: z.int().positive(),
    broadcast_id: z.int().positive(),
    /** From 1. */
    chunk: z.int().positive(),
    initiated_by: initiatorSchema,
    /** Unix time in seconds. */
    ts: z.int().nonnegative(),
    /** `traceparent` of the request that made the broadcast. */
    trace: traceSchema,
  })
  .refine((event) => event.id === chunkEventId(event.broadcast_id, event.chunk), 'the id is not that of the chunk');
export type BroadcastEvent = z.infer<typeof broadcastEventSchema>;

/** Under this id the log keeps how the chunk ended for each of its people, however often it was offered. */
export function chunkEventId(broadcastId: number, chunk: number): string {
  return `broadcast:${broadcastId}:${chunk}`;
}

export type ChunkId = Pick<BroadcastEvent, 'broadcast_id' | 'chunk'>;

/** Null for what is no id of a chunk. */
export function chunkIdOf(eventId: string): ChunkId | null {
  const [, broadcast, chunk] = /^broadcast:([1-9]\d{0,8}):([1-9]\d{0,8})$/.exec(eventId) ?? [];
  return broadcast === undefined ? null : { broadcast_id: Number(broadcast), chunk: Number(chunk) };
}

/** People name a broadcast as a whole by `broadcast:7`; null for another event. */
export function broadcastIdOf(eventId: string): number | null {
  const [, id] = /^broadcast:([1-9]\d{0,8})$/.exec(eventId) ?? [];
  return id === undefined ? null : Number(id);
}

/** Nobody knows whether it arrived; an ad is then not repeated, also not by `retry-failed`. */
export const OUTCOME_UNKNOWN = 'outcome_unknown';
