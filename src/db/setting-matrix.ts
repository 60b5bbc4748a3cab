import type { Sql } from './database.ts';
import { NotificationSetting } from './entities.ts';
import { findRows } from './rows.ts';

/** What a company tells of one event to one role, over all channels or over one. */
export interface MatrixCell {
  event_type: string;
  recipient_role: string;
  channel: string;
  enabled: boolean;
  ad_template_id: number | null;
}

type CellKey = Pick<MatrixCell, 'event_type' | 'recipient_role' | 'channel'>;

/** Equal for the cells that stand in one place. */
export const cellKey = ({ event_type, recipient_role, channel }: CellKey): string =>
  `${event_type} ${recipient_role} ${channel}`;

/** All of the company's rows, in no order. */
export async function readMatrix(sql: Sql, company_id: number): Promise<MatrixCell[]> {
  return await findRows(sql, NotificationSetting, { company_id }, { disableIdentityMap: true });
}

/**
 * Afterwards the company has these cells and no others; a row that stays keeps its id.
 * @param cells each key once
 */
export async function replaceMatrix(tx: Sql, company_id: number, cells: readonly MatrixCell[]): Promise<void> {
  const rows = await findRows(tx, NotificationSetting, { company_id }, { disableIdentityMap: true });
  const before = new Map(rows.map((row) => [cellKey(row), row]));
  const added: MatrixCell[] = [];
  for (const cell of cells) {
    const row = before.get(cellKey(cell));
    before.delete(cellKey(cell));
    const { enabled, ad_template_id } = cell;
    if (!row) added.push(cell);
    else if (row.enabled !== enabled || row.ad_template_id !== ad_template_id)
      await tx.nativeUpdate(NotificationSetting, { id: row.id }, { enabled, ad_template_id });
  }
  const gone = [...before.values()].map(({ id }) => id);
  if (gone.length > 0) await tx.nativeDelete(NotificationSetting, { id: gone });
  if (added.length > 0)
    await tx.insertMany(
      NotificationSetting,
      added.map((cell) => ({ ...cell, company_id })),
    );
}
