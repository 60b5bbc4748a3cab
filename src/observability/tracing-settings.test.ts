import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, readConfig } from '../config.ts';

const HEADERS = 'OTEL_EXPORTER_OTLP_HEADERS';

test('the collector is read as OpenTelemetry names it', () => {
  const config = readConfig({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
    [HEADERS]: 'authorization=Bearer%20a%3Db, x-tenant=7',
    OTEL_TRACES_SAMPLER_ARG: '0.25',
  });
  assert.deepEqual(config.OTEL_EXPORTER_OTLP_HEADERS, { authorization: 'Bearer a=b', 'x-tenant': '7' });
  assert.equal(config.OTEL_TRACES_SAMPLER_ARG, 0.25);
  assert.equal(config.OTEL_SERVICE_NAME, 'vestnik');
  assert.equal(readConfig({}).OTEL_EXPORTER_OTLP_ENDPOINT, undefined);
});

for (const [name, value] of [
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'ftp://127.0.0.1:21'],
  [HEADERS, 'secret'],
  [HEADERS, 'a=%E0%A4%A'],
  [HEADERS, 'a b=c'],
  [HEADERS, 'a=b%0Ac'],
  ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
] as const)
  test(`${name}=${value} stops the start, and its value is not repeated`, () => {
    assert.throws(
      () => readConfig({ [name]: value }),
      (error: unknown) =>
        error instanceof ConfigError && error.message.startsWith(name) && !error.message.includes(value),
    );
  });
