import type { z } from 'zod';
import type { Route } from '../route.ts';
import { AREAS, OPERATIONS } from './areas.ts';
import { describeOperation } from './describe-operation.ts';
import { type JsonObject, writeSchemas } from './json-schemas.ts';
import type { Area, Operation, OperationKey } from './operation.ts';
import { ANSWER_HEADERS, HEADERS, INFO, SECURITY_SCHEMES } from './preamble.ts';
import { PROBLEM_CODES, problemExample, problemSchema } from './problems.ts';

interface Described {
  route: Route;
  operation: Operation;
  area: Area;
}

/**
 * OpenAPI 3.1 of these routes, but for pages.
 * @throws {Error} for a route that is not described, or a description without its route.
 */
export function openApiDocument(routes: readonly Route[]): JsonObject {
  const described = describedRoutes(routes);
  const requests = writeSchemas({ io: 'input', named: {}, others: new Set(described.flatMap(requestSchemas)) });
  const answers = writeSchemas({
    io: 'output',
    named: { Problem: problemSchema, ...Object.assign({}, ...AREAS.map((area) => area.schemas)) },
    others: new Set(described.flatMap(({ operation }) => answerSchemas(operation))),
  });

  const paths: Record<string, JsonObject> = {};
  const responses: JsonObject = {};
  for (const { route, operation, area } of described) {
    const path = paths[route.path] ?? {};
    path[route.method.toLowerCase()] = {
      tags: [area.name],
      ...describeOperation({ route, operation, request: requests.schemaOf, answer: answers.schemaOf, responses }),
    };
    paths[route.path] = path;
  }
  return {
    openapi: '3.1.1',
    info: INFO,
    // Relative to the document: the product may be served below a path.
    servers: [{ url: '.' }],
    tags: AREAS.map(({ name, description }) => ({ name, description })),
    paths,
    components: {
      schemas: answers.components,
      parameters: HEADERS,
      headers: ANSWER_HEADERS,
      responses,
      // 405 stands at no operation: every path answers it to the methods that it lacks.
      examples: Object.fromEntries(
        PROBLEM_CODES.filter((code) => code !== 'method_not_allowed').map((code) => [
          code,
          { value: problemExample(code) },
        ]),
      ),
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

function describedRoutes(routes: readonly Route[]): Described[] {
  const byKey = new Map(routes.filter((route) => !route.isPage).map((route) => [keyOf(route), route]));
  const undescribed = [...byKey.keys()].filter((key) => !OPERATIONS.has(key));
  if (undescribed.length > 0) throw new Error(`src/http/openapi does not describe ${undescribed.join(', ')}`);
  return [...OPERATIONS].map(([key, { operation, area }]) => {
    const route = byKey.get(key);
    if (!route) throw new Error(`src/http/openapi describes ${key}, which is no route`);
    return { route, operation, area };
  });
}

const keyOf = ({ method, path }: Route): OperationKey => `${method} ${path as `/${string}`}`;

function requestSchemas({ route: { schemas }, operation }: Described): z.ZodType[] {
  return [schemas.params, schemas.query, operation.body ?? schemas.body].filter((schema) => schema !== undefined);
}

function answerSchemas({ answers }: Operation): z.ZodType[] {
  return Object.values(answers).flatMap(({ schema }) => schema ?? []);
}
