import { z } from 'zod';
import type { Database, Sql } from '../../db/database.ts';
import { AdTemplate, Company } from '../../db/entities.ts';
import { findRow, findRows } from '../../db/rows.ts';
import { cellKey, type MatrixCell, readMatrix, replaceMatrix } from '../../db/setting-matrix.ts';
import { BOOKING_EVENT_TYPES, RECIPIENT_ROLES } from '../../domain/events.ts';
import { type Answer, jsonAnswer } from '../answer.ts';
import { requireMatch } from '../conditional.ts';
import { idParams } from '../fields.ts';
import { type FieldError, Problem } from '../problem.ts';
import { type Route, route } from '../route.ts';
import { owned } from '../tenancy.ts';
import { SETTING_CHANNELS, settingFields } from './setting-fields.ts';

/** Every cell that there can be, in the order of the answer. */
const CELLS: readonly string[] = BOOKING_EVENT_TYPES.flatMap((event_type) =>
  RECIPIENT_ROLES.flatMap((recipient_role) =>
    SETTING_CHANNELS.map((channel) => cellKey({ event_type, recipient_role, channel })),
  ),
);
export const MATRIX_MAX_CELLS = CELLS.length;
const place = (cell: MatrixCell): number => CELLS.indexOf(cellKey(cell));

const cell = z.strictObject({
  ...settingFields,
  channel: settingFields.channel.default('all'),
  ad_template_id: settingFields.ad_template_id.default(null),
});

const matrix = z.strictObject({
  settings: z
    .array(cell)
    .max(MATRIX_MAX_CELLS)
    .superRefine((cells, context) => {
      const keys = cells.map(cellKey);
      for (const [index, key] of keys.entries()) {
        const first = keys.indexOf(key);
        if (first < index) context.addIssue({ code: 'custom', path: [index], message: `repeats settings.${first}` });
      }
    }),
});

const notFound = () => new Problem('not_found', 'nothing has this id');

/** All notification settings of a company at once. */
export function settingMatrixRoutes({ database }: { database: Database }): Route[] {
  const path = '/v1/companies/{id}/notification-settings';
  const company = owned<{ params: { id: number } }>(({ params }) => params.id, notFound);

  return [
    route({
      method: 'GET',
      path,
      auth: { scope: 'read', company },
      params: idParams,
      tagged: true,
      handler: ({ params }) => view(database.read(), params.id),
    }),
    route({
      method: 'PUT',
      path,
      auth: { scope: 'settings:write', company },
      params: idParams,
      body: matrix,
      tagged: true,
      handler: ({ params: { id }, body: { settings }, ifMatch }) =>
        database.write(async (tx) => {
          const before = await view(tx, id);
          await requireMatch(ifMatch, () => before);
          await checkTemplates(tx, id, settings);
          await replaceMatrix(tx, id, settings);
          return view(tx, id);
        }),
    }),
  ];
}

/** What PUT takes, so that it may be changed and sent back. @throws {Problem} 404. */
async function view(sql: Sql, company_id: number): Promise<Answer> {
  if (!(await findRow(sql, Company, { id: company_id }))) throw notFound();
  const cells = await readMatrix(sql, company_id);
  const settings = cells
    .toSorted((one, other) => place(one) - place(other))
    .map(({ event_type, recipient_role, channel, enabled, ad_template_id }) => ({
      ...{ event_type, recipient_role, channel, enabled, ad_template_id },
    }));
  return jsonAnswer(200, { settings });
}

/** @throws {Problem} 422 naming each cell whose template is not of the company. */
async function checkTemplates(tx: Sql, company_id: number, cells: readonly MatrixCell[]): Promise<void> {
  const ids = new Set(cells.flatMap(({ ad_template_id }) => ad_template_id ?? []));
  if (ids.size === 0) return;
  const known = new Set((await findRows(tx, AdTemplate, { id: [...ids], company_id })).map((row) => row.id));
  const errors = cells.flatMap(({ ad_template_id }, index): FieldError[] =>
    ad_template_id === null || known.has(ad_template_id)
      ? []
      : [{ field: `settings.${index}.ad_template_id`, detail: 'must be of this company' }],
  );
  if (errors.length === 0) return;
  const detail = errors.map((error) => `${error.field} ${error.detail}`).join('; ');
  throw new Problem('validation_failed', detail, { errors });
}
