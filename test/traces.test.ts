import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openCrowd, untilStatus } from './support/broadcasts.ts';
import { eventually } from './support/eventually.ts';
import { phoneOf } from './support/phone.ts';
import { initiator, openSalon } from './support/salon.ts';
import { type CollectedSpan, startSpanCollector } from './support/span-collector.ts';
import { startVestnik } from './support/vestnik.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const traceparent = `00-${TRACE}-${SPAN}-01`;

/** The names from this span up to the first one, and whose child that is. */
function pathOf(span: CollectedSpan, spans: readonly CollectedSpan[]): string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return [span.name, ...(parent ? pathOf(parent, spans) : [span.parentSpanId ?? 'nobody'])];
}

async function open(t: Parameters<typeof startVestnik>[0], env: Record<string, string> = {}) {
  const collector = await startSpanCollector(t);
  const vestnik = await startVestnik(t, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env } });
  const salon = await openSalon(vestnik);
  const named = (name: string, traceId = TRACE) =>
    collector.spans.filter((span) => span.name === name && span.traceId === traceId);
  return { collector, vestnik, salon, named };
}

describe('a trace', () => {
  test('goes from the request through the outbox and the stream to each send', async (t) => {
    const headers = 'authorization=Bearer%20of-the-collector';
    const { collector, vestnik, salon, named } = await open(t, { OTEL_EXPORTER_OTLP_HEADERS: headers });
    const booking = { specialist_id: salon.people.specialist.id, service_id: salon.serviceId, location_id: null };
    await vestnik.create(
      '/v1/bookings',
      { ...booking, company_id: salon.companyId, client_id: salon.people.client.id, starts_at: '2027-01-28T11:00:00Z' },
      { ...initiator(salon, 'admin'), traceparent },
    );
    await vestnik.settled();
    await eventually(() => assert.equal(named('send telegram').length, 3));
    for (const send of named('send telegram'))
      assert.deepEqual(pathOf(send, collector.spans), [
        'send telegram',
        'deliver booking_created',
        'POST /v1/bookings',
        SPAN,
      ]);
    const [published] = named('publish events:p2p');
    assert.ok(published);
    assert.deepEqual(pathOf(published, collector.spans), ['publish events:p2p', 'POST /v1/bookings', SPAN]);
    const [request] = named('POST /v1/bookings');
    assert.equal(request?.attributes['http.response.status_code'], '201');
    for (const { startTimeUnixNano, endTimeUnixNano } of collector.spans) {
      assert.match(startTimeUnixNano, /^\d{19}$/);
      assert.equal(BigInt(endTimeUnixNano) >= BigInt(startTimeUnixNano), true);
    }
    const [first] = collector.requests;
    assert.equal(first?.path, '/v1/traces');
    assert.equal(first?.authorization, 'Bearer of-the-collector');
    assert.equal(first?.resource['service.name'], 'vestnik');
    assert.doesNotMatch(JSON.stringify(collector.spans), /Иван|Анна|\+7 999/);
  });

  test('goes with events that were posted straight into the stream, and tells which send failed', async (t) => {
    const { vestnik, salon, named } = await open(t);
    const { id } = await salon.book(null, { notify: false });
    const { chat } = salon.people.client;
    vestnik.telegram.fault(chat, { kind: 'server_error' }, { times: 1 });
    const event = { type: 'booking_created', company_id: salon.companyId, booking_id: id };
    const { status } = await vestnik.call('POST', '/v1/events', [event, event], { traceparent });
    assert.equal(status, 202);
    await vestnik.settled();
    await eventually(() => assert.equal(named('publish events:p2p').length, 2));
    await eventually(() => {
      const sends = named('send telegram');
      assert.equal(sends.length, 9); // four people hear of each event, and one message goes twice
      assert.equal(sends.filter(({ status }) => status?.code === 2).length, 1);
    });
    const [failed] = named('deliver booking_created').filter(({ status }) => status?.code === 2);
    assert.equal(failed?.attributes['error.type'], 'telegram_500');
    assert.equal(failed?.attributes['vestnik.recipient'], `user:${salon.people.client.id}`);
  });

  test('of a broadcast goes with all its messages, long after the request', async (t) => {
    const { vestnik, named } = await open(t);
    const crowd = await openCrowd(vestnik, 3);
    const body = { company_id: crowd.companyId, audience: {}, content: { tg_html: 'Скидки' } };
    const answer = await vestnik.call('POST', '/v1/broadcasts', body, { traceparent });
    assert.equal(answer.status, 202);
    assert.equal(answer.body.trace, undefined);
    await untilStatus(vestnik, answer.body.id, 'completed');
    await eventually(() => assert.equal(named('deliver broadcast').length, 3));
    await eventually(() => assert.equal(named('send telegram').length, 3));
  });

  test('begins with a press in the bot, and is another one for each', async (t) => {
    const { collector, vestnik, salon } = await open(t);
    await salon.book('client');
    await vestnik.settled();
    const phone = phoneOf(vestnik, salon, 'client');
    const card = phone.newest();
    await phone.press(card, 'bke:menu');
    await phone.press(card, 'bke:cancel');
    await phone.press(card, 'bke:confirm_cancel');
    await vestnik.settled();
    const told = () => collector.spans.filter(({ name }) => name === 'deliver booking_cancelled');
    await eventually(() => assert.equal(told().length >= 3, true));
    const traces = new Set(told().map(({ traceId }) => traceId));
    assert.equal(traces.size, 1);
    const updates = collector.spans.filter(({ name }) => name === 'update');
    assert.equal(new Set(updates.map(({ traceId }) => traceId)).size, updates.length);
    assert.equal(updates.filter(({ traceId }) => traces.has(traceId)).length, 1);
  });

  test('that its beginner does not want kept, or with a header that is none, is not exported', async (t) => {
    const { collector, vestnik, salon, named } = await open(t, { OTEL_TRACES_SAMPLER_ARG: '0' });
    const body = { company_id: salon.companyId, name: 'Окраска', duration_min: 30 };
    for (const header of [`00-${TRACE}-${SPAN}-00`, 'nonsense', `00-${TRACE}-${SPAN}-01-x`])
      await vestnik.create('/v1/services', body, { traceparent: header });
    await vestnik.create('/v1/services', body, { traceparent });
    await eventually(() => assert.equal(named('POST /v1/services').length, 1));
    assert.equal(collector.spans.length, 1);
  });

  test('costs nobody anything while the collector is away', async (t) => {
    const { collector, vestnik, salon } = await open(t);
    await eventually(() => assert.equal(collector.spans.length > 0, true));
    collector.answer(503);
    await salon.book('client');
    await vestnik.settled();
    await eventually(async () => {
      const text = await (await fetch(`${vestnik.url}/metrics`)).text();
      assert.match(text, /^vestnik_spans_dropped_total [1-9]/m);
    });
  });
});
