import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, openDatabase } from '#src/db/database.ts';
import { Delivery } from '#src/db/event-entities.ts';
import { lastOutboxId } from '#src/db/outbox.ts';
import type { BookingEvent } from '#src/domain/events.ts';
import { createLog } from '#src/observability/log.ts';
import type { CommittedEvent, LoggedEnd } from './history.ts';

/** A look at the product's database from outside, which also remembers what its outbox forgets. */
export interface DatabaseWitness {
  /** All events in the order of their commits. */
  committed(): Promise<CommittedEvent[]>;
  log(chatOf: ReadonlyMap<number, number>): Promise<LoggedEnd[]>;
  isOutboxEmpty(): Promise<boolean>;
  bookings(): Promise<number>;
  /** Holds the write lock (BEGIN IMMEDIATE) for so long. */
  hold(ms: number): Promise<void>;
  close(): Promise<void>;
}

const MEMORY = [
  'CREATE TABLE chaos_committed (seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL)',
  `CREATE TRIGGER chaos_remember AFTER INSERT ON outbox
    BEGIN INSERT INTO chaos_committed (event) VALUES (NEW.event); END`,
  // The row's own time is that of its asking: a process that is stopped before its commit writes it seconds later.
  'CREATE TABLE chaos_logged (delivery INTEGER PRIMARY KEY, at REAL NOT NULL)',
  `CREATE TRIGGER chaos_log AFTER INSERT ON deliveries
    BEGIN INSERT INTO chaos_logged VALUES (NEW.id, (julianday('now') - 2440587.5) * 86400000); END`,
];

function readCommitted({ seq, event: text }: { seq: number; event: string }): CommittedEvent {
  const { id, company_id, booking_id, type, change } = JSON.parse(text) as BookingEvent;
  return {
    seq,
    id,
    company: company_id,
    booking: booking_id,
    type,
    version: change?.version ?? 0,
    from: change?.from?.starts_at ?? null,
    to: change?.to.starts_at ?? '',
  };
}

/** @param path of a migrated SQLite file */
export async function openDatabaseWitness(path: string): Promise<DatabaseWitness> {
  const database: Database = await openDatabase({ database: { kind: 'sqlite', path }, log: createLog('silent') });
  await database.write(async (tx) => {
    for (const statement of MEMORY) await tx.execute(statement);
  });
  return {
    async committed() {
      const rows = await database
        .read()
        .execute<{ seq: number; event: string }[]>('SELECT seq, event FROM chaos_committed ORDER BY seq');
      return rows.map(readCommitted);
    },
    async log(chatOf) {
      const rows = await database.read().find(Delivery, {}, { disableIdentityMap: true });
      const logged = await database
        .read()
        .execute<{ delivery: number; at: number }[]>('SELECT delivery, at FROM chaos_logged');
      const loggedAt = new Map(logged.map(({ delivery, at }) => [delivery, at]));
      return rows.map((row) => ({
        event: row.event_id,
        chat: chatOf.get(row.user_id) ?? 0,
        status: row.status,
        reason: row.reason ?? null,
        attempts: row.attempts,
        messageId: row.message_id ?? null,
        loggedAt: loggedAt.get(row.id) ?? row.finished_at.getTime(),
      }));
    },
    isOutboxEmpty: async () => (await lastOutboxId(database)) === 0,
    async bookings() {
      const [row] = await database.read().execute<{ count: number }[]>('SELECT COUNT(*) AS count FROM bookings');
      return row?.count ?? 0;
    },
    hold: (ms) => database.write(() => sleep(ms)),
    close: () => database.close(),
  };
}
