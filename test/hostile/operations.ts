import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ADMIN_KEY } from './hostile-app.ts';
import { oddHeader, oddParameter } from './hostile-values.ts';
import { type JsonSchema, jsonText } from './json-text.ts';
import { rawRequest } from './raw-socket.ts';

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: JsonSchema;
  example?: unknown;
}

/** An operation as the served description has it. */
export interface Operation {
  method: string;
  path: string;
  parameters: Parameter[];
  body: JsonSchema | undefined;
  /** What opens it, as the description names it; undefined where nothing is asked for. */
  opener: string | undefined;
  /** By their media types; absent for no body. */
  answers: Map<number, string | undefined>;
}

interface DescribedOperation {
  security: Record<string, unknown>[];
  parameters?: (Parameter | { $ref: string })[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
  responses: Record<string, { content?: Record<string, unknown>; $ref?: string }>;
}
interface Document {
  paths: Record<string, Record<string, DescribedOperation>>;
  components: Record<string, Record<string, unknown>>;
}

/** All operations of `/openapi.json` that answer over plain HTTP; what deletes comes last. */
export async function describedOperations(port: number): Promise<Operation[]> {
  const served = await rawRequest(port, 'GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n');
  assert.equal(served?.status, 200);
  const document: Document = JSON.parse(served.text);
  const resolved = <T>(value: T | { $ref: string }): T => {
    const ref = (value as { $ref?: string }).$ref;
    if (ref === undefined) return value as T;
    const [, , kind = '', name = ''] = ref.split('/');
    return document.components[kind]?.[name] as T;
  };
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]): Operation => ({
        method: method.toUpperCase(),
        path,
        parameters: (operation.parameters ?? []).map((parameter) => resolved<Parameter>(parameter)),
        opener: Object.keys(operation.security[0] ?? {})[0],
        body: Object.values(operation.requestBody?.content ?? {})[0]?.schema,
        answers: new Map(
          Object.entries(operation.responses).map(([status, answer]) => [
            Number(status),
            Object.keys(resolved<typeof answer>(answer as never).content ?? {})[0],
          ]),
        ),
      }),
    ),
  );
  const isLast = ({ method, path }: Operation) => method === 'DELETE' || path.endsWith('erase');
  const plain = operations.filter(({ path }) => path !== '/v1/live');
  return [...plain.filter((operation) => !isLast(operation)), ...plain.filter(isLast)];
}

/** The bytes of a request that mostly fits the operation, with one of these keys. */
export function requestTo(operation: Operation, keys: readonly string[] = [ADMIN_KEY]): fc.Arbitrary<Buffer> {
  return fc
    .record({ target: targetOf(operation), headers: headersOf(operation, keys), body: bodyOf(operation) })
    .map(({ target, headers, body }) => {
      const length = body === null ? [] : [`Content-Length: ${body.length}`];
      const head = [`${operation.method} ${target} HTTP/1.1`, 'Host: x', ...headers, ...length].join('\r\n');
      return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), body ?? Buffer.alloc(0)]);
    });
}

const mostly = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>, weight = 8): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: odd });

const plainValue = ({ example, schema }: Parameter): fc.Arbitrary<string> =>
  fc
    .constantFrom(
      ...(example === undefined ? [] : [String(example)]),
      ...(schema.enum ?? [1, 2, 3, 4, 5, 6]).map(String),
    )
    .map(encodeURIComponent);

function targetOf({ path, parameters }: Operation): fc.Arbitrary<string> {
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  const filled = fc
    .tuple(...inPath.map((parameter) => mostly(plainValue(parameter), oddParameter)))
    .map((values) => values.reduce((text, value) => text.replace(/\{\w+\}/, () => value), path));
  const given = inQuery.map((parameter) =>
    fc.option(
      mostly(plainValue(parameter), oddParameter, 3).map((value) => `${parameter.name}=${value}`),
      { freq: parameter.required ? 20 : 1 },
    ),
  );
  const unknown = fc
    .tuple(fc.constantFrom('__proto__', 'constructor', 'limit', 'x', ''), oddParameter)
    .map((pair) => pair.join('='));
  const query = fc
    .tuple(fc.tuple(...given), fc.option(unknown, { freq: 1 }), fc.integer({ min: 0, max: 5 }))
    .map(([known, extra, luck]) => [...known, luck === 0 ? extra : null].filter((part) => part !== null).join('&'));
  return fc.tuple(filled, query).map(([to, search]) => (search === '' ? to : `${to}?${search}`));
}

const ODD_HEADERS = [
  ...['Idempotency-Key', 'X-Initiated-By-User-Id', 'X-Initiated-By-Role', 'X-Initiated-By-Channel', 'traceparent'],
  ...[
    'X-Request-Id',
    'If-Match',
    'If-None-Match',
    'Accept',
    'Content-Type',
    'Authorization',
    'Accept-Encoding',
    'Range',
    'Expect',
  ],
  ...['X-Forwarded-For', 'X-HTTP-Method-Override', 'Constructor', 'Cookie', 'Origin'],
];

function headersOf({ body }: Operation, keys: readonly string[]): fc.Arbitrary<string[]> {
  const usual = fc
    .constantFrom(...keys)
    .map((key) => [`Authorization: Bearer ${key}`, ...(body ? ['Content-Type: application/json'] : [])]);
  const odd = fc.tuple(fc.constantFrom(...ODD_HEADERS), oddHeader).map(([name, value]) => `${name}: ${value}`);
  const more = fc.tuple(usual, fc.array(odd, { minLength: 1, maxLength: 4 }), fc.boolean());
  return mostly(
    usual,
    more.map(([lines, odds, isFirst]) => (isFirst ? [...odds, ...lines] : [...lines, ...odds])),
    2,
  );
}

function bodyOf({ body }: Operation): fc.Arbitrary<Buffer | null> {
  if (!body)
    return mostly<Buffer | null>(fc.constant(null), fc.constantFrom(Buffer.from('{}'), Buffer.alloc(200_000, 'x')), 20);
  return jsonText(body).chain((text) =>
    fc.oneof(
      { weight: 20, arbitrary: fc.constant(Buffer.from(text)) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          ...[
            Buffer.from(`\uFEFF${text}`),
            Buffer.from(text, 'utf16le'),
            Buffer.from(text.replace('"', '"é'), 'latin1'),
          ],
          ...[Buffer.from(text.slice(0, -1)), Buffer.from(`${text}x`), Buffer.from(`${text}${text}`), Buffer.alloc(0)],
        ),
      },
    ),
  );
}
