import fc from 'fast-check';
import { oddJson } from './hostile-values.ts';

/** The members of JSON Schema that the API's description uses. */
export interface JsonSchema {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  prefixItems?: JsonSchema[];
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  format?: string;
  pattern?: string;
}

const WORDS = ['a', 'Анна', 'UTC', 'Europe/Moscow', 'x@y', '<b>x</b>', 'crm-1', '12:00', 'https://example.com/'];
const INSTANTS = ['2026-12-28T14:00:00+03:00', '2026-12-28T11:00:00Z', '2027-01-01T00:00:00.000Z'];
const EXTRA_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '',
  'id',
  'company_id',
  'x'.repeat(5_000),
  '\ud800',
];

const one = (value: unknown): fc.Arbitrary<string> => fc.constant(JSON.stringify(value));

/**
 * The text of a value that mostly fits the schema: here and there a member is missing, of a wrong kind, said twice, or one that nobody knows.
 * It is text, since much of what is tried cannot be a JavaScript value.
 */
export function jsonText(schema: JsonSchema): fc.Arbitrary<string> {
  return fc.oneof({ weight: 9, arbitrary: fitting(schema) }, { weight: 1, arbitrary: oddJson });
}

function fitting(schema: JsonSchema): fc.Arbitrary<string> {
  const { anyOf, oneOf, allOf, type } = schema;
  if (schema.const !== undefined) return one(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum).map((value) => JSON.stringify(value));
  const alternatives = anyOf ?? oneOf;
  if (alternatives) return fc.oneof(...alternatives.map(jsonText));
  if (allOf?.[0]) return jsonText(Object.assign({}, ...allOf) as JsonSchema);
  if (Array.isArray(type)) return fc.oneof(...type.map((each) => jsonText({ ...schema, type: each })));
  switch (type) {
    case 'object':
      return objectText(schema);
    case 'array':
      return fc
        .array(jsonText(schema.items ?? {}), {
          minLength: schema.minItems ?? 0,
          maxLength: Math.max(3, schema.minItems ?? 0),
        })
        .map((items) => `[${items.join(',')}]`);
    case 'integer':
    case 'number':
      return fc.oneof(fc.integer({ min: 1, max: 6 }), edge(schema.minimum), edge(schema.maximum)).map(String);
    case 'boolean':
      return fc.boolean().map(String);
    case 'null':
      return fc.constant('null');
    case 'string':
      return fc.constantFrom(...(schema.format === 'date-time' ? INSTANTS : WORDS)).map((word) => JSON.stringify(word));
    default:
      return oddJson;
  }
}

const edge = (bound: number | undefined) =>
  bound === undefined ? fc.constant(1) : fc.constantFrom(bound - 1, bound, bound + 1);

function objectText({ properties = {}, required = [], additionalProperties }: JsonSchema): fc.Arbitrary<string> {
  const known = Object.entries(properties).map(([name, schema]) =>
    fc.option(
      jsonText(schema).map((text) => `${JSON.stringify(name)}:${text}`),
      { freq: required.includes(name) ? 30 : 1 },
    ),
  );
  const anyName = fc.constantFrom(...EXTRA_NAMES, ...Object.keys(properties));
  const other = typeof additionalProperties === 'object' ? jsonText(additionalProperties) : oddJson;
  const extra = fc.tuple(anyName, other).map(([name, text]) => `${JSON.stringify(name)}:${text}`);
  return fc
    .tuple(
      fc.tuple(...known),
      fc.oneof(
        { weight: 5, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.array(extra, { minLength: 1, maxLength: 3 }) },
      ),
    )
    .map(([members, more]) => `{${[...members.filter((member) => member !== null), ...more].join(',')}}`);
}
