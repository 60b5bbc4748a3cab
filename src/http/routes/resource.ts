import type { SqlEntityManager } from '@mikro-orm/better-sqlite';
import type { EntityData, EntityName, FilterQuery } from '@mikro-orm/core';
import { z } from 'zod';
import type { Database } from '../../db/database.ts';
import { Company } from '../../db/entities.ts';
import { findRow } from '../../db/rows.ts';
import type { Scope } from '../../domain/scopes.ts';
import { jsonAnswer, NO_CONTENT } from '../answer.ts';
import { requireMatch } from '../conditional.ts';
import { id, idParams } from '../fields.ts';
import type { Idempotency } from '../idempotency.ts';
import { answerPage, type PageRequest, pageQuery } from '../page.ts';
import { invalidField, Problem } from '../problem.ts';
import { type Route, route } from '../route.ts';
import { filteredBy, inBody, inQuery, owned } from '../tenancy.ts';

/** A row whose columns the table of resources knows. */
export type Columns = Record<string, unknown>;
type Item = { id: number };

/** By its name an entity stands for any row that has an id; its schema would tie it to one row type. */
export const entityName = (schema: { meta: { className: string } }): EntityName<Item> => schema.meta.className;

export interface KeptField {
  /** @param before what the column holds; undefined at creation */
  store(value: unknown, before: unknown, now: Date): unknown;
  show(stored: unknown): unknown;
}

/** One table with a collection, an item and nothing else to it. */
export interface Resource {
  /** Such as `/v1/services`. */
  path: string;
  entity: EntityName<Item>;
  /** The columns answered, in this order. */
  columns: readonly string[];
  /**
   * Where the rows belong to a company, POST asks for `company_id` and PATCH refuses it; else they are the companies themselves, which
   * only the admin key makes and deletes.
   */
  ofCompany: boolean;
  /** What a company's key needs to change them. */
  scope: Scope;
  /** What POST and PATCH may set. */
  fields: Record<string, z.ZodType>;
  /** Values of the fields that POST need not name. */
  defaults: Columns;
  /** Query parameters of the list; each must equal its column. */
  filters: Record<string, z.ZodType>;
  /** Fields that refer to a row of the same company. */
  references?: Record<string, EntityName<Item>>;
  /** Columns that nobody sets, at creation. */
  stamp?(now: Date): Columns;
  /** Columns that follow from those being set. @param before empty at creation */
  derive?(set: Columns, before: Columns, now: Date): Columns;
  /** Fields whose column holds more than they say. */
  kept?: Record<string, KeptField>;
  /** @throws {Problem} where fields do not fit each other. @param item as it would be shown with what is `set` */
  check?(item: Columns, set: Columns): void;
  /** @throws {Problem} where a row cannot be changed any more. */
  beforeChange?(row: Columns): void;
  afterCreate?(tx: SqlEntityManager, id: number): Promise<void>;
  /** What else follows from a change; `changes` may hold what is as it was. */
  afterChange?(tx: SqlEntityManager, before: Columns, changes: Columns, now: Date): Promise<void>;
  /** @throws {Problem} where the deletion needs a better refusal than a foreign key gives. */
  beforeDelete?(tx: SqlEntityManager, id: number): Promise<void>;
}

export interface ResourceDeps {
  database: Database;
  idempotency: Idempotency;
  clock: () => Date;
}

/** GET, POST of the collection; GET, PATCH, DELETE of an item. */
export function resourceRoutesOf(resource: Resource, { database, idempotency, clock }: ResourceDeps): Route[] {
  const { path, entity, scope, ofCompany } = resource;
  const company = owned<{ params: { id: number } }>(async ({ params }) => {
    const row = await found(database.read(), entity, params.id);
    return ofCompany ? row.company_id : row.id;
  }, noSuchItem);
  const item = `${path}/{id}`;
  const kept = resource.kept ?? {};
  const shownAs = (column: string, value: unknown) => kept[column]?.show(value) ?? value ?? null;
  const view = (row: Columns) =>
    Object.fromEntries(resource.columns.map((column) => [column, shownAs(column, row[column])]));
  const stored = (set: Columns, before: Columns = {}): Columns =>
    Object.fromEntries(
      Object.entries(set).map(([name, value]) => [name, kept[name]?.store(value, before[name], clock()) ?? value]),
    );

  return [
    route({
      method: 'GET',
      path,
      auth: { scope: 'read', company: ofCompany ? inQuery : filteredBy('id') },
      query: listQuery(resource),
      handler: ({ query: { limit, cursor, ...filters } }) =>
        answerPage(
          { limit, cursor },
          ({ where, options }) =>
            database.survey().find(entity, { $and: [filters, where] } as FilterQuery<Item>, options),
          (row) => view({ ...row }),
        ),
    }),
    route({
      method: 'POST',
      path,
      auth: ofCompany ? { scope, company: inBody } : 'admin',
      body: createBody(resource),
      tagged: true,
      handler: ({ body, idempotency: claim }) =>
        idempotency.run(claim, database.write, async (tx) => {
          await checkReferences(tx, resource, body, body.company_id);
          resource.check?.({ ...resource.defaults, ...body }, body);
          const set = stored({ ...resource.defaults, ...body });
          const row = { ...set, ...resource.derive?.(body, {}, clock()), ...resource.stamp?.(clock()) };
          const newId = await tx.insert<Item>(entity, row as EntityData<Item>);
          await resource.afterCreate?.(tx, newId);
          return jsonAnswer(201, view({ ...row, id: newId }));
        }),
    }),
    route({
      method: 'GET',
      path: item,
      auth: { scope: 'read', company },
      params: idParams,
      tagged: true,
      handler: async ({ params }) => jsonAnswer(200, view(await found(database.read(), entity, params.id))),
    }),
    route({
      method: 'PATCH',
      path: item,
      auth: { scope, company },
      params: idParams,
      body: z.strictObject(resource.fields).partial(),
      tagged: true,
      handler: ({ params, body, ifMatch }) =>
        database.write(async (tx) => {
          const before = await found(tx, entity, params.id);
          resource.beforeChange?.(before);
          await requireMatch(ifMatch, () => jsonAnswer(200, view(before)));
          if (Object.keys(body).length === 0) return jsonAnswer(200, view(before));
          await checkReferences(tx, resource, body, before.company_id);
          resource.check?.({ ...view(before), ...body }, body);
          const changes = { ...stored(body, before), ...resource.derive?.(body, before, clock()) };
          await tx.nativeUpdate(entity, { id: params.id }, changes as EntityData<Item>);
          await resource.afterChange?.(tx, before, changes, clock());
          return jsonAnswer(200, view({ ...before, ...changes }));
        }),
    }),
    route({
      method: 'DELETE',
      path: item,
      auth: ofCompany ? { scope, company } : 'admin',
      params: idParams,
      tagged: true,
      handler: ({ params, ifMatch }) =>
        database.write(async (tx) => {
          const row = await found(tx, entity, params.id);
          await requireMatch(ifMatch, () => jsonAnswer(200, view(row)));
          await resource.beforeDelete?.(tx, params.id);
          await tx.nativeDelete(entity, { id: params.id });
          return NO_CONTENT;
        }),
    }),
  ];
}

type ListQuery = PageRequest & { company_id?: unknown; id?: unknown };

function listQuery({ filters }: Resource): z.ZodType<ListQuery> {
  return z.strictObject({ ...z.object(filters).partial().shape, ...pageQuery });
}

/** Fields with a default may be left out. Defaults stay out of the schemas: PATCH must not set them again. */
function createBody({ ofCompany, fields, defaults }: Resource): z.ZodType<Columns> {
  const entries = Object.entries(fields).map(([name, schema]) => [name, name in defaults ? schema.optional() : schema]);
  return z.strictObject({ ...(ofCompany && { company_id: id }), ...Object.fromEntries(entries) });
}

const noSuchItem = () => new Problem('not_found', 'nothing has this id');

async function found(em: SqlEntityManager, entity: EntityName<Item>, id: number): Promise<Columns> {
  const row: object | null = await em.findOne(entity, { id });
  if (!row) throw noSuchItem();
  return { ...row };
}

/** @throws {Problem} 422 naming the field. */
async function checkReferences(
  tx: SqlEntityManager,
  { ofCompany, references = {} }: Resource,
  set: Columns,
  company_id: unknown,
): Promise<void> {
  if (ofCompany && 'company_id' in set && !(await findRow(tx, Company, { id: Number(company_id) })))
    throw invalidField('company_id', 'does not exist');
  for (const [field, entity] of Object.entries(references)) {
    const target = set[field];
    if (target === undefined || target === null) continue;
    const where = { id: target, company_id } as FilterQuery<Item>;
    if ((await tx.count(entity, where)) === 0) throw invalidField(field, 'must be of this company');
  }
}
