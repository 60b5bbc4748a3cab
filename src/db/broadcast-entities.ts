import { defineEntity } from '@mikro-orm/core';
import { BROADCAST_STATUSES } from '../domain/broadcasts.ts';
import type { Row } from './rows.ts';

export const Broadcast = defineEntity({
  name: 'Broadcast',
  tableName: 'broadcasts',
  properties: (p) => ({
    id: p.integer().primary(),
    company_id: p.integer(),
    status: p.enum([...BROADCAST_STATUSES]),
    /** `Audience` as JSON. */
    audience: p.text(),
    /** `BroadcastContent` as JSON. */
    content: p.text(),
    /** Its Telegram text goes below. */
    ad_template_id: p.integer().nullable(),
    /** Telegram may charge for it and lets it pass faster (Bot API, sendMessage: `allow_paid_broadcast`). */
    allow_paid: p.boolean(),
    /** A look at the message by one person, who gets it whatever they think of ads. */
    is_test: p.boolean(),
    /** Initiator as JSON. */
    initiated_by: p.text(),
    /** `traceparent` of the request that made it; null for one from before there was this. */
    trace: p.text().nullable(),
    send_at: p.datetime(),
    /** Counted when it starts; null before. */
    audience_size: p.integer().nullable(),
    /** The newest user when it started: who joins later does not hear. */
    last_user_id: p.integer().nullable(),
    /** The users up to this id are in chunks. */
    cut_up_to: p.integer(),
    /** Those whom Telegram did not reach then are, up to this id: they go ahead. */
    others_cut_up_to: p.integer(),
    /** So many have been cut. */
    chunks: p.integer(),
    /** Everybody is in a chunk. */
    is_cut: p.boolean(),
    created_at: p.datetime(),
    started_at: p.datetime().nullable(),
    finished_at: p.datetime().nullable(),
  }),
});
export type BroadcastRow = Row<typeof Broadcast>;

export const BroadcastChunk = defineEntity({
  name: 'BroadcastChunk',
  tableName: 'broadcast_chunks',
  properties: (p) => ({
    id: p.bigint('number').primary(),
    broadcast_id: p.integer(),
    /** From 1. */
    number: p.integer(),
    /** `waiting`: some of its people were given back; it is offered again when due, while the broadcast runs. */
    state: p.enum(['offered', 'waiting', 'finished']),
    /** JSON. */
    user_ids: p.text(),
    /** Telegram reached none of them when it was cut. */
    is_of_others: p.boolean(),
    first_user_id: p.integer(),
    last_user_id: p.integer(),
    /** When its people were cut, or given another chance by hand. */
    asked_since: p.datetime(),
    size: p.integer(),
    /** How often it went into the outbox. */
    offers: p.integer(),
    due_at: p.datetime().nullable(),
    /** How many ended in which way when it was settled last; JSON. */
    counts: p.text(),
    /** Of those given back, so many were in their quiet hours when it was settled last. */
    waiting_quiet: p.integer().default(0),
    /** When the last of these has an end. */
    quiet_until: p.datetime().nullable(),
    finished_at: p.datetime().nullable(),
  }),
});
