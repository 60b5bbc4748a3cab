import { pino } from 'pino';
import { encodeQuietHours } from '#src/domain/quiet-hours.ts';
import { openMigrated } from '#src/open-database.ts';
import { recipientChat } from './broadcast-work.ts';

const INSERT_USERS = `INSERT INTO users (company_id, role, name, tg_id, quiet_hours, created_at)
  WITH RECURSIVE people (number) AS (
    SELECT 0 UNION ALL SELECT number + 1 FROM people WHERE number + 1 < ?
  )
  SELECT ?, 'client', 'Клиент ' || number, ? + number, '${encodeQuietHours({ broadcasts: null, messages: null })}', ? FROM people`;

/** A new database with a company that has so many clients with Telegram; straight into the file, since a million POSTs take long. Answers the company's id. */
export async function createAudience(path: string, recipients: number): Promise<number> {
  const { database } = await openMigrated({ database: { kind: 'sqlite', path }, log: pino({ level: 'silent' }) });
  try {
    return await database.write(async (tx) => {
      const now = Date.now();
      const [company] = await tx.execute<{ id: number }[]>(
        `INSERT INTO companies (name, time_zone, created_at) VALUES ('Весна', 'Europe/Moscow', ?) RETURNING id`,
        [now],
      );
      if (!company) throw new Error('the company was not inserted');
      await tx.execute(INSERT_USERS, [recipients, company.id, recipientChat(0), now]);
      return company.id;
    });
  } finally {
    await database.close();
  }
}
