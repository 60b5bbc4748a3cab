import type { EntityManager, EntityName, FilterQuery, FindOptions, InferEntity } from '@mikro-orm/core';

/**
 * A row as it is read: a nullable column holds null, never undefined. MikroORM infers such a column as optional too,
 * which is right for inserts; here is the one place that says what reads give.
 */
export type Row<E> = { [K in Extract<keyof InferEntity<E>, string>]-?: Exclude<InferEntity<E>[K], undefined> };

export async function findRows<E extends EntityName<InferEntity<E> & object>>(
  em: EntityManager,
  entity: E,
  where: FilterQuery<InferEntity<E>>,
  options?: FindOptions<InferEntity<E> & object>,
): Promise<Row<E>[]> {
  const rows: unknown = await em.find(
    entity as EntityName<object>,
    where as FilterQuery<object>,
    options as FindOptions<object>,
  );
  return rows as Row<E>[];
}

/** Null when there is none. */
export async function findRow<E extends EntityName<InferEntity<E> & object>>(
  em: EntityManager,
  entity: E,
  where: FilterQuery<InferEntity<E>>,
): Promise<Row<E> | null> {
  const row: unknown = await em.findOne(entity as EntityName<object>, where as FilterQuery<object>);
  return row as Row<E> | null;
}
