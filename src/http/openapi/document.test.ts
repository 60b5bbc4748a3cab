import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { startTestApi } from '#test/support/api.ts';
import { SCOPES } from '../../domain/scopes.ts';
import { AREAS, OPERATIONS } from './areas.ts';
import { openApiDocument } from './document.ts';
import { PROBLEM_CODES, problemExample, problemSchema } from './problems.ts';

describe('/openapi.json', () => {
  test('is without an error for a linter', async (t) => {
    const { port } = await startTestApi(t);
    const reply = await fetch(`http://127.0.0.1:${port}/openapi.json`);
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.get('content-type'), 'application/json');
    const config = await createConfig({
      extends: ['recommended-strict'],
      // A WebSocket is answered with 101.
      rules: { 'operation-2xx-response': 'off' },
    });
    const problems = await lintFromString({ source: await reply.text(), absoluteRef: 'openapi.json', config });
    const said = problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} (${location[0]?.pointer})`);
    assert.deepEqual(said, []);
  });

  test('describes every route, and nothing else', async (t) => {
    const api = await startTestApi(t);
    assert.doesNotThrow(() => openApiDocument(api.routes()));
    assert.throws(() => openApiDocument([]), /describes POST \/v1\/bookings, which is no route/);
    const unknown = { method: 'GET', path: '/v1/new', isPage: false } as Parameters<typeof openApiDocument>[0][number];
    assert.throws(() => openApiDocument([unknown]), /does not describe GET \/v1\/new/);
  });
});

describe('what is said of the operations', () => {
  test('shows answers as their schemas have them', () => {
    for (const [key, { operation }] of OPERATIONS)
      for (const [status, { schema, example }] of Object.entries(operation.answers))
        if (schema) schema.parse(example, { error: ({ path }) => `${key} ${status}: ${path?.join('.')} is wrong` });
    for (const code of PROBLEM_CODES) problemSchema.parse(problemExample(code));
  });

  test('gives each a name of its own, and a line that can stand in a list', () => {
    const all = [...OPERATIONS.values()].map(({ operation }) => operation);
    assert.equal(new Set(all.map(({ operationId }) => operationId)).size, all.length);
    for (const { operationId, summary } of all) {
      assert.match(operationId, /^[a-z][A-Za-z]+$/);
      assert.match(summary, /^[A-Z].{3,79}[^.]$/);
    }
    const described = AREAS.reduce((sum, { operations }) => sum + Object.keys(operations).length, 0);
    assert.equal(OPERATIONS.size, described, 'an operation is described twice');
  });
});

describe('what is said of headers and keys', () => {
  test('names what answers carry: limits with a key alone, a tag where there is one, a replay where there may be one', async (t) => {
    const { routes } = await startTestApi(t);
    // biome-ignore lint/suspicious/noExplicitAny: what is missing fails the test
    const { paths, components } = openApiDocument(routes()) as any;
    const namesOf = (method: string, path: string, status: number): string[] => {
      const response = paths[path][method].responses[status];
      const { headers } = response.$ref ? components.responses[response.$ref.split('/').at(-1)] : response;
      for (const { $ref } of Object.values<{ $ref: string }>(headers))
        assert.ok(components.headers[$ref.split('/').at(-1) ?? ''], $ref);
      return Object.keys(headers).sort();
    };
    const limits = ['RateLimit', 'RateLimit-Policy'];
    const always = 'X-Request-Id';
    assert.deepEqual(namesOf('get', '/v1/users', 200), [...limits, always]);
    assert.deepEqual(namesOf('get', '/v1/users/{id}', 200), ['ETag', ...limits, always]);
    assert.deepEqual(namesOf('post', '/v1/users', 201), ['ETag', 'Idempotency-Replayed', ...limits, always]);
    assert.deepEqual(namesOf('post', '/v1/events', 429), [...limits, 'Retry-After', always]);
    assert.deepEqual(namesOf('get', '/v1/users', 401), ['WWW-Authenticate', always]);
    assert.deepEqual(namesOf('get', '/healthz', 200), [always]);
    assert.deepEqual(namesOf('get', '/v1/my/booking', 200), [always]);
    assert.deepEqual(namesOf('get', '/openapi.json', 200), ['ETag', always]);
  });

  test('says what each scope opens', async (t) => {
    const { routes } = await startTestApi(t);
    const { components } = openApiDocument(routes()) as { components: Record<string, unknown> };
    const { apiKey } = components.securitySchemes as { apiKey: { description: string } };
    for (const scope of SCOPES) assert.ok(apiKey.description.includes(`\n- \`${scope}\`: `), scope);
  });
});
