import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Method, type Route, route } from './route.ts';
import { createRouter } from './router.ts';

const routeOf = (method: Method, path: string): Route =>
  route({ method, path, auth: 'open', handler: async () => ({ status: 204 }) });

const router = createRouter([
  routeOf('GET', '/v1/things'),
  routeOf('POST', '/v1/things'),
  routeOf('GET', '/v1/things/{id}'),
  routeOf('GET', '/v1/things/newest'),
  routeOf('POST', '/v1/things/{id}/close'),
]);

/** The route's pattern with what it took from the path. */
function found(method: string, path: string): unknown {
  const match = router(method, path);
  return match.kind === 'route' ? [match.route.method, match.route.path, match.params] : match;
}

test('a path finds the route of its method, with its parameters', () => {
  assert.deepEqual(found('POST', '/v1/things'), ['POST', '/v1/things', {}]);
  assert.deepEqual(found('GET', '/v1/things/7'), ['GET', '/v1/things/{id}', { id: '7' }]);
  assert.deepEqual(found('POST', '/v1/things/7/close'), ['POST', '/v1/things/{id}/close', { id: '7' }]);
});

test('a literal segment goes before a parameter', () => {
  assert.deepEqual(found('GET', '/v1/things/newest'), ['GET', '/v1/things/newest', {}]);
});

test('HEAD finds what GET does, with and without parameters', () => {
  assert.deepEqual(found('HEAD', '/v1/things'), ['GET', '/v1/things', {}]);
  assert.deepEqual(found('HEAD', '/v1/things/7'), ['GET', '/v1/things/{id}', { id: '7' }]);
});

test('another method is told which there are, and a path that is none is none', () => {
  assert.deepEqual(found('DELETE', '/v1/things'), { kind: 'other_methods', allow: 'GET, HEAD, OPTIONS, POST' });
  assert.deepEqual(found('GET', '/v1/nothing'), { kind: 'none' });
  assert.deepEqual(found('GET', '/v1'), { kind: 'none' });
});
