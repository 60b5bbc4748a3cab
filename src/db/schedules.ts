import { type WorkingHours, workingHoursSchema } from '../domain/working-hours.ts';
import type { Sql } from './database.ts';
import { changeRows } from './statement.ts';
import { dateOf, type StoredDate } from './stored-values.ts';

/** Whose working hours they are. */
export type ScheduleOwner = { user_id: number } | { location_id: number };

export interface StoredSchedule {
  hours: WorkingHours;
  updated_at: Date;
}

export function parseStoredHours(stored: string): WorkingHours {
  return workingHoursSchema.parse(JSON.parse(stored));
}

/** Null where none is set. */
export async function findSchedule(sql: Sql, owner: ScheduleOwner): Promise<StoredSchedule | null> {
  const [column, id] = keyOf(owner);
  const query = `SELECT hours, updated_at FROM schedules WHERE ${column} = ?`;
  const [row] = await sql.execute<{ hours: string; updated_at: StoredDate }[]>(query, [id]);
  return row ? { hours: parseStoredHours(row.hours), updated_at: dateOf(row.updated_at) } : null;
}

/** In place of what was set before. */
export async function saveSchedule(tx: Sql, owner: ScheduleOwner, schedule: StoredSchedule): Promise<void> {
  const [column, id] = keyOf(owner);
  await changeRows(
    tx,
    `INSERT INTO schedules (${column}, hours, updated_at) VALUES (?, ?, ?)
     ON CONFLICT (${column}) DO UPDATE SET hours = excluded.hours, updated_at = excluded.updated_at`,
    [id, JSON.stringify(schedule.hours), schedule.updated_at],
  );
}

export async function deleteSchedule(tx: Sql, owner: ScheduleOwner): Promise<void> {
  const [column, id] = keyOf(owner);
  await changeRows(tx, `DELETE FROM schedules WHERE ${column} = ?`, [id]);
}

const keyOf = (owner: ScheduleOwner): [column: 'user_id' | 'location_id', id: number] =>
  'user_id' in owner ? ['user_id', owner.user_id] : ['location_id', owner.location_id];
