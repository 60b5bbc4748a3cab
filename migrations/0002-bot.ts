import { Migration } from '@mikro-orm/migrations';
import { columnWords } from './dialect.ts';

/**
 * What the bot remembers: updates on their way, the messages whose buttons people may press, and spent links. None refers
 * to other tables: a card is written with the delivery log, also when its people have been deleted meanwhile.
 */
export class Bot extends Migration {
  override up(): void {
    const { bigId, bigint, boolean, datetime, no } = columnWords(this.driver.getPlatform().constructor.name);
    for (const statement of [
      `CREATE TABLE bot_updates (
        id ${bigId},
        bot_id ${bigint} NOT NULL,
        update_id ${bigint} NOT NULL,
        chat_id ${bigint} NOT NULL,
        body TEXT NOT NULL,
        responses TEXT,
        received_at ${datetime} NOT NULL,
        done_at ${datetime},
        CONSTRAINT bot_updates_unique UNIQUE (bot_id, update_id)
      )`,
      'CREATE INDEX bot_updates_open ON bot_updates (bot_id, id) WHERE done_at IS NULL',
      'CREATE INDEX bot_updates_done ON bot_updates (done_at) WHERE done_at IS NOT NULL',
      `CREATE TABLE cards (
        id ${bigId},
        chat_id ${bigint} NOT NULL,
        message_id INTEGER NOT NULL,
        company_id INTEGER NOT NULL,
        booking_id INTEGER NOT NULL,
        user_id INTEGER NOT NULL,
        audience TEXT NOT NULL,
        event TEXT,
        view TEXT NOT NULL,
        return_to TEXT NOT NULL,
        version INTEGER NOT NULL,
        stale ${boolean} NOT NULL DEFAULT ${no},
        sent_at ${datetime} NOT NULL,
        view_expires_at ${datetime},
        CONSTRAINT cards_unique UNIQUE (chat_id, message_id)
      )`,
      'CREATE INDEX cards_booking ON cards (booking_id)',
      'CREATE INDEX cards_sent_at ON cards (sent_at)',
      'CREATE INDEX cards_stale ON cards (id) WHERE stale',
      'CREATE INDEX cards_view_expires_at ON cards (view_expires_at) WHERE view_expires_at IS NOT NULL',
      `CREATE TABLE used_links (
        id ${bigId},
        token_hash TEXT NOT NULL,
        tg_id ${bigint} NOT NULL,
        expires_at ${datetime} NOT NULL,
        CONSTRAINT used_links_unique UNIQUE (token_hash)
      )`,
      'CREATE INDEX used_links_expires_at ON used_links (expires_at)',
    ])
      this.addSql(statement);
  }
}
