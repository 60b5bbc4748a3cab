import { z } from 'zod';
import { type JsonSchema, jsonSchema, writeType } from './write-type.ts';

const parameter = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean().default(false),
  schema: jsonSchema,
});
const content = z.record(z.string(), z.object({ schema: jsonSchema }));
const operation = z.object({
  summary: z.string(),
  parameters: z.array(z.union([z.object({ $ref: z.string() }), parameter])),
  requestBody: z.object({ required: z.boolean(), content }).optional(),
  responses: z.record(z.string(), z.union([z.object({ $ref: z.string() }), z.object({ content: content.optional() })])),
});
type Operation = z.infer<typeof operation>;
type Parameter = z.infer<typeof parameter>;

const openApi = z.object({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({
    schemas: z.record(z.string(), jsonSchema),
    parameters: z.record(z.string(), parameter),
  }),
});
type Components = z.infer<typeof openApi>['components'];

const HEADER = '// Made from /openapi.json by `npm run api-types`; not to be changed by hand.\n';
const SHARED = `type Headers = Record<string, unknown>;
type Refused<Status extends number> = {
  [S in Status]: { headers: Headers; content: { 'application/problem+json': Problem } };
};`;
const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** TypeScript of a document, as openapi-fetch takes it: `paths`, and the named schemas. */
export function writeTypes(document: unknown): string {
  const { paths, components } = openApi.parse(document);
  const schemas = Object.entries(components.schemas).map(([name, schema]) => `type ${name} = ${writeType(schema)};`);
  const members = Object.entries(paths).map(([path, operations]) => {
    const methods = METHODS.map((method) => {
      const found = operations[method];
      return found ? `/** ${found.summary} */\n${method}: ${writeOperation(found, components)};\n` : '';
    });
    return `'${path}': {\nparameters: Record<never, never>;\n${methods.join('')}};`;
  });
  return `${HEADER}\n${SHARED}\n${schemas.join('\n')}\n\nexport interface paths {\n${members.join('\n')}\n}\n`;
}

function writeOperation({ parameters, requestBody, responses }: Operation, components: Components): string {
  const known = parameters.map((found) => ('$ref' in found ? resolve(found.$ref, components) : found));
  const body =
    requestBody && `requestBody${requestBody.required ? '' : '?'}: { content: ${writeContent(requestBody.content)} };`;
  const refused = Object.keys(responses).filter((status) => isRefusal(responses[status]));
  const answers = Object.entries(responses).flatMap(([status, response]) =>
    '$ref' in response ? [] : `${status}: { headers: Headers; content: ${writeContent(response.content ?? {})} };`,
  );
  const all = `{ ${answers.join(' ')} } & Refused<${refused.join(' | ')}>`;
  return `{ parameters: ${writeParameters(known)}; ${body ?? 'requestBody?: never;'} responses: ${all} }`;
}

/** Those that operations share are the problems. */
const isRefusal = (response: Operation['responses'][string] | undefined): boolean =>
  response !== undefined && '$ref' in response;

function resolve(ref: string, { parameters }: Components): Parameter {
  const found = parameters[ref.split('/').at(-1) ?? ''];
  if (!found) throw new Error(`${ref} is not in the document`);
  return found;
}

function writeParameters(parameters: readonly Parameter[]): string {
  const places = (['path', 'query', 'header'] as const).map((place) => {
    const here = parameters.filter((found) => found.in === place);
    const members = here.map(({ name, required, schema }) => `'${name}'${required ? '' : '?'}: ${writeType(schema)};`);
    const isRequired = here.some(({ required }) => required);
    return here.length === 0 ? `${place}?: never;` : `${place}${isRequired ? '' : '?'}: { ${members.join(' ')} };`;
  });
  return `{ ${places.join(' ')} }`;
}

function writeContent(media: Record<string, { schema: JsonSchema }>): string {
  const entries = Object.entries(media).map(([type, { schema }]) => `'${type}': ${writeType(schema)};`);
  return entries.length === 0 ? 'Record<never, never>' : `{ ${entries.join(' ')} }`;
}
