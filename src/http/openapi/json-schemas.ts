import { z } from 'zod';

export type JsonObject = Record<string, unknown>;

/** Where the document has the schemas that have a name. */
const refTo = (name: string): string => `#/components/schemas/${name}`;

interface Written {
  /** Those with a name. */
  components: Record<string, JsonObject>;
  /** A reference where it has a name. */
  schemaOf(schema: z.ZodType): JsonObject;
}

/**
 * JSON Schema (2020-12, as OpenAPI 3.1 has it) of what is sent (`input`) or answered (`output`). What is answered may get more
 * members one day, so the description does not close it.
 */
export function writeSchemas({
  io,
  named,
  others,
}: {
  io: 'input' | 'output';
  named: Record<string, z.ZodType>;
  others: ReadonlySet<z.ZodType>;
}): Written {
  const registry = z.registry<{ id: string }>();
  const names = new Map(Object.entries(named).map(([name, schema]) => [schema, name]));
  for (const [schema, id] of names) registry.add(schema, { id });
  const unnamed = new Map([...others].filter((schema) => !names.has(schema)).map((schema, at) => [schema, `#${at}`]));
  for (const [schema, id] of unnamed) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io,
    uri: refTo,
    override: ({ jsonSchema }) => tidy(jsonSchema, io),
  }) as { schemas: Record<string, JsonObject> };
  for (const schema of Object.values(schemas)) {
    delete schema.$schema;
    delete schema.$id;
  }
  const written = (id: string): JsonObject => {
    const schema = schemas[id];
    if (!schema) throw new Error(`no schema was written for ${id}`);
    return schema;
  };
  return {
    components: Object.fromEntries([...names.values()].map((name) => [name, written(name)])),
    schemaOf(schema) {
      const name = names.get(schema);
      return name === undefined ? written(unnamed.get(schema) ?? 'an unknown schema') : { $ref: refTo(name) };
    },
  };
}

/** Leaves out what only repeats the type or the format. */
function tidy(schema: JsonObject, io: 'input' | 'output'): void {
  if ([schema.type].flat().includes('integer')) {
    delete schema.pattern;
    if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
    if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  }
  if (schema.type === 'boolean') delete schema.enum;
  if (schema.format !== undefined) delete schema.pattern;
  if (typeof schema.additionalProperties === 'object') delete schema.propertyNames;
  if (io === 'output' && schema.additionalProperties === false) delete schema.additionalProperties;
}
