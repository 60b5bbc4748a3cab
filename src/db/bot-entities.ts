import { defineEntity } from '@mikro-orm/core';
import type { Row } from './rows.ts';

/** The tables that the bot alone works with. */

/** An update of the bot, from its arrival until it is acted on and answered; unique by (bot_id, update_id). */
export const BotUpdate = defineEntity({
  name: 'BotUpdate',
  tableName: 'bot_updates',
  properties: (p) => ({
    id: p.bigint('number').primary(),
    bot_id: p.bigint('number'),
    update_id: p.bigint('number'),
    /** Its chat, whose updates are handled in order; 0 for none. */
    chat_id: p.bigint('number'),
    /** The update as JSON; empty once it is done, for it holds what people wrote. */
    body: p.text(),
    /** What is to be said and shown, as JSON, written in the transaction that acted. Null: not acted on yet. */
    responses: p.text().nullable(),
    received_at: p.datetime(),
    done_at: p.datetime().nullable(),
  }),
});
export type BotUpdateRow = Row<typeof BotUpdate>;

/** A message in a chat that shows a booking and has buttons; unique by (chat_id, message_id). Forgotten after 48 hours. */
export const Card = defineEntity({
  name: 'Card',
  tableName: 'cards',
  properties: (p) => ({
    id: p.bigint('number').primary(),
    chat_id: p.bigint('number'),
    message_id: p.integer(),
    company_id: p.integer(),
    booking_id: p.integer(),
    /** Whom it was made for; in an admin group the group's own user. */
    user_id: p.integer(),
    audience: p.enum(['client', 'specialist', 'former_specialist', 'admin']),
    /** The event that it told, as JSON; null where the person opened the booking themselves. */
    event: p.text().nullable(),
    /** What it shows now, as JSON. */
    view: p.text(),
    /** Where `bke:…:{return_to}` leads back to. */
    return_to: p.text(),
    /** The booking's version that it shows. */
    version: p.integer(),
    /** The booking has changed since; the message is to be edited. */
    stale: p.boolean(),
    sent_at: p.datetime(),
    /** When a dialogue that nobody goes on with is closed; null outside of one. */
    view_expires_at: p.datetime().nullable(),
  }),
});
export type CardRow = Row<typeof Card>;

/** A link to the bot that has done its work; kept until it would have expired. */
export const UsedLink = defineEntity({
  name: 'UsedLink',
  tableName: 'used_links',
  properties: (p) => ({
    id: p.bigint('number').primary(),
    /** SHA-256 of the token, in hex. */
    token_hash: p.text(),
    /** The Telegram account that used it. */
    tg_id: p.bigint('number'),
    expires_at: p.datetime(),
  }),
});
