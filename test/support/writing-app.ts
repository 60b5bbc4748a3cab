/**
 * A process that migrates the SQLite file of its first argument and appends as many events as its third says,
 * 16 at a time; the second names them. Prints `migrated N`, then a line for each event once it is committed.
 */

import { openDatabase } from '#src/db/database.ts';
import { appendToOutbox } from '#src/db/outbox.ts';
import type { BookingEvent } from '#src/domain/events.ts';
import { createLog } from '#src/observability/log.ts';

const WRITERS = 16;
const [path = '', name = '', count = '0'] = process.argv.slice(2);

const eventOf = (id: string): BookingEvent => ({
  id,
  type: 'booking_created',
  company_id: 1,
  booking_id: 1,
  initiated_by: { user_id: null, role: 'system', channel: 'api' },
  ts: 0,
});

const database = await openDatabase({ database: { kind: 'sqlite', path }, log: createLog('silent') });
const applied = await database.migrate();
process.stdout.write(`migrated ${applied.length}\n`);

let next = 0;
async function write(): Promise<void> {
  while (next < Number(count)) {
    next += 1;
    const id = `${name}-${next}`;
    await database.write((tx) => appendToOutbox(tx, eventOf(id)));
    process.stdout.write(`${id}\n`);
  }
}
await Promise.all(Array.from({ length: WRITERS }, write));
await database.close();
