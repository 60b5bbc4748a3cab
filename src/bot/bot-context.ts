import { type Api, Context } from 'grammy';
import type { Update, UserFromGetMe } from 'grammy/types';
import type { Sql } from '../db/database.ts';
import type { BotResponse } from './bot-response.ts';

/**
 * One update inside the transaction that acts on it. Handlers read and write `tx` alone and call no method of `api`: what
 * Telegram is to show goes to `respond`, and is done after the commit. A handler may run twice, when the database was busy.
 */
export class BotContext extends Context {
  readonly tx: Sql;
  readonly now: Date;
  /** `traceparent` for what the update sets in motion. */
  readonly trace: string;
  readonly responses: BotResponse[] = [];

  constructor(given: { update: Update; api: Api; me: UserFromGetMe; tx: Sql; now: Date; trace: string }) {
    super(given.update, given.api, given.me);
    this.tx = given.tx;
    this.now = given.now;
    this.trace = given.trace;
  }

  /** In this order, after the commit. */
  respond(...responses: BotResponse[]): void {
    this.responses.push(...responses);
  }
}
