import { z } from 'zod';
import type { Area } from './operation.ts';

const readiness = z.strictObject({
  status: z.enum(['ok', 'degraded', 'unavailable']),
  reasons: z.array(z.string()),
});

export const service: Area = {
  name: 'Service',
  description: 'For the supervisor, the load balancer, Prometheus and developers.',
  operations: {
    'GET /healthz': {
      operationId: 'getHealth',
      summary: 'See whether the process lives',
      answers: {
        200: {
          description: 'It does, with these rules of time zones',
          schema: z.strictObject({ status: z.literal('ok'), tzdata: z.string() }),
          example: { status: 'ok', tzdata: '2026b' },
        },
      },
    },
    'GET /readyz': {
      operationId: 'getReadiness',
      summary: 'See whether it takes requests',
      answers: {
        200: { description: 'It does', schema: readiness, example: { status: 'degraded', reasons: ['redis'] } },
        503: {
          description: 'It does not',
          schema: readiness,
          example: { status: 'unavailable', reasons: ['database'] },
        },
      },
    },
    'GET /metrics': {
      operationId: 'getMetrics',
      summary: 'Get the metrics for Prometheus',
      answers: { 200: { description: 'Prometheus text format', contentType: 'text/plain' } },
    },
    'GET /openapi.json': {
      operationId: 'getOpenApi',
      summary: 'Get this document',
      answers: {
        200: {
          description: 'OpenAPI 3.1',
          schema: z.looseObject({ openapi: z.literal('3.1.1') }),
          example: { openapi: '3.1.1' },
          hasTag: true,
        },
        304: { description: 'It is what `If-None-Match` names', hasTag: true },
      },
    },
    'GET /v1/live': {
      operationId: 'listenToBroadcasts',
      summary: 'Listen how the broadcasts of a company go, over a WebSocket',
      description:
        'A browser, which cannot set a header, offers the subprotocols `vestnik` and `bearer.KEY`. Every message is JSON: ' +
        '`{"type":"broadcast","broadcast":{…}}`, with what `GET /v1/broadcasts/{id}` answers.',
      examples: { query: { company_id: 1 } },
      answers: { 101: { description: 'The WebSocket is open' } },
      problems: ['not_found', 'upgrade_required'],
    },
  },
};
