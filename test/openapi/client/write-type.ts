import { z } from 'zod';

/** As much of JSON Schema as the document uses; what has another member is refused, lest a type says less than its schema. */
export interface JsonSchema {
  $ref?: string | undefined;
  type?: string | string[] | undefined;
  const?: unknown;
  enum?: unknown[] | undefined;
  anyOf?: JsonSchema[] | undefined;
  items?: JsonSchema | undefined;
  properties?: Record<string, JsonSchema> | undefined;
  required?: string[] | undefined;
  additionalProperties?: boolean | JsonSchema | undefined;
}

/** What a type of TypeScript cannot say. */
const UNSAID = ['description', 'default', 'format', 'pattern', 'minimum', 'maximum', 'exclusiveMinimum'] as const;
const UNSAID_OF_LENGTH = ['minLength', 'maxLength', 'minItems', 'maxItems'] as const;

export const jsonSchema: z.ZodType<JsonSchema> = z.lazy(() =>
  z.strictObject({
    $ref: z.string().optional(),
    type: z.union([z.string(), z.array(z.string())]).optional(),
    const: z.unknown().optional(),
    enum: z.array(z.unknown()).optional(),
    anyOf: z.array(jsonSchema).optional(),
    items: jsonSchema.optional(),
    properties: z.record(z.string(), jsonSchema).optional(),
    required: z.array(z.string()).optional(),
    additionalProperties: z.union([z.boolean(), jsonSchema]).optional(),
    ...Object.fromEntries([...UNSAID, ...UNSAID_OF_LENGTH].map((name) => [name, z.unknown().optional()])),
  }),
);

/** The type of what fits the schema. */
export function writeType(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1) ?? 'unknown';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.anyOf) return schema.anyOf.map(writeType).join(' | ');
  if (schema.type === undefined) return 'unknown';
  return [schema.type]
    .flat()
    .map((type) => writePlain(type, schema))
    .join(' | ');
}

function writePlain(type: string, schema: JsonSchema): string {
  switch (type) {
    case 'integer':
      return 'number';
    case 'array':
      return `(${writeType(schema.items ?? {})})[]`;
    case 'object':
      return writeObject(schema);
    default:
      return type;
  }
}

function writeObject({ properties = {}, required = [], additionalProperties }: JsonSchema): string {
  const members = Object.entries(properties).map(
    ([name, schema]) => `'${name}'${required.includes(name) ? '' : '?'}: ${writeType(schema)};`,
  );
  if (members.length > 0) return `{ ${members.join(' ')} }`;
  const value = typeof additionalProperties === 'object' ? writeType(additionalProperties) : 'unknown';
  return additionalProperties === false ? 'Record<string, never>' : `Record<string, ${value}>`;
}
