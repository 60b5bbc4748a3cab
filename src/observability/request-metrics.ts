import { Histogram, type Registry } from 'prom-client';

/** In seconds: from an answer out of memory to one that waited for the database. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface EndedRequest {
  /** The pattern; undefined where no route was found. */
  route: string | undefined;
  method: string;
  status: number;
  seconds: number;
}

export interface RequestMetrics {
  ended(request: EndedRequest): void;
}

export function createRequestMetrics(registry: Registry): RequestMetrics {
  const duration = new Histogram({
    name: 'vestnik_http_request_duration_seconds',
    help: 'From the head of a request to its answer; the route is its pattern, 4xx holds clients that hung up too',
    labelNames: ['route', 'method', 'status'],
    buckets: BUCKETS,
    registers: [registry],
  });
  return {
    ended({ route = 'none', method, status, seconds }) {
      duration.observe({ route, method, status: `${Math.floor(status / 100)}xx` }, seconds);
    },
  };
}
