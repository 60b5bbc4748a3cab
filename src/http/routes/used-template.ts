import type { SqlEntityManager } from '@mikro-orm/better-sqlite';
import { Problem } from '../problem.ts';

/** So many ids of each kind are named. */
const MAX_NAMED = 100;

const USERS = {
  notification_settings: 'SELECT id FROM notification_settings WHERE ad_template_id = ? ORDER BY id LIMIT ?',
  broadcasts: 'SELECT id FROM broadcasts WHERE ad_template_id = ? ORDER BY id LIMIT ?',
};

/** @throws {Problem} 409 naming the settings and the broadcasts, also ended ones, that refer to the template. */
export async function refuseUsedTemplate(tx: SqlEntityManager, templateId: number): Promise<void> {
  const usedBy: Record<string, number[]> = {};
  for (const [name, select] of Object.entries(USERS)) {
    const rows = await tx.execute<{ id: number }[]>(select, [templateId, MAX_NAMED]);
    if (rows.length > 0) usedBy[name] = rows.map(({ id }) => id);
  }
  if (Object.keys(usedBy).length === 0) return;
  const said = Object.entries(usedBy).map(([name, ids]) => `${name.replace('_', ' ')} ${ids.join(', ')}`);
  throw new Problem('in_use', `the template is used by ${said.join(' and ')}`, { usedBy });
}
