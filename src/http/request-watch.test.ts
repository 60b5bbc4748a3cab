import assert from 'node:assert/strict';
import { request } from 'node:http';
import { describe, type TestContext, test } from 'node:test';
import { Registry } from 'prom-client';
import { makeSalon, startTestApi } from '#test/support/api.ts';
import { createLog } from '../observability/log.ts';
import { createRequestMetrics } from '../observability/request-metrics.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;

async function open(t: TestContext) {
  const registry = new Registry();
  const lines: Record<string, unknown>[] = [];
  const log = createLog('debug', { write: (line) => void lines.push(JSON.parse(line)) });
  const api = await startTestApi(t, { log, requestMetrics: createRequestMetrics(registry) });
  const counts = async () =>
    [...(await registry.metrics()).matchAll(/^vestnik_http_request_duration_seconds_count\{(.*)\} (\d+)$/gm)].map(
      ([, labels, count]) => `${labels} ${count}`,
    );
  return { api, lines, counts };
}

/** With a header twice, which fetch would join into one. */
function headTwice(port: number, values: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    request({ port, path: '/healthz', headers: { traceparent: values } }, (response) => {
      response.resume().on('end', () => resolve());
    })
      .on('error', reject)
      .end();
  });
}

describe('a request', () => {
  test('is counted by its route’s pattern, and what clients make up gets no label of its own', async (t) => {
    const { api, counts } = await open(t);
    await api.ok('GET', '/healthz');
    for (const id of [7, 8]) await api.call('GET', `/v1/bookings/${id}`);
    for (const path of ['/made-up', '/v1/x/y']) await api.call('GET', path);
    await api.call('PROPFIND', '/v1/bookings');
    await api.call('PURGE', '/healthz');
    await api.call('POST', '/v1/bookings', '{');
    assert.deepEqual((await counts()).toSorted(), [
      'route="/healthz",method="GET",status="2xx" 1',
      'route="/v1/bookings",method="POST",status="4xx" 1',
      'route="/v1/bookings/{id}",method="GET",status="4xx" 2',
      'route="none",method="GET",status="4xx" 2',
      'route="none",method="other",status="4xx" 2',
    ]);
  });

  test('carries the trace of its header into its log line and its event', async (t) => {
    const { api, lines } = await open(t);
    const { company_id } = await makeSalon(api);
    const event = { type: 'booking_created', company_id, booking_id: 1 };
    await api.ok('POST', '/v1/events', event, { traceparent, 'x-request-id': 'mine-1' });
    const line = lines.find(({ request_id }) => request_id === 'mine-1');
    assert.equal(line?.trace_id, TRACE);
    assert.equal(api.published[0]?.event.trace, traceparent);
  });

  test('with a header that is none, or two of them, begins a trace of its own', async (t) => {
    const { api, lines } = await open(t);
    await api.call('GET', '/healthz', undefined, { traceparent: traceparent.toUpperCase() });
    await api.call('GET', '/healthz', undefined, { traceparent: '' });
    await headTwice(api.port, [traceparent, traceparent]);
    const traces = lines.map(({ trace_id }) => String(trace_id));
    assert.equal(traces.length, 3);
    assert.equal(new Set([...traces, TRACE]).size, 4);
    for (const trace of traces) assert.match(trace, /^[\da-f]{32}$/);
  });

  test('may not tell the trace of an event in its body', async (t) => {
    const { api } = await open(t);
    const event = { type: 'booking_created', company_id: 1, booking_id: 1, trace: traceparent };
    assert.equal((await api.call('POST', '/v1/events', event)).status, 422);
  });
});
