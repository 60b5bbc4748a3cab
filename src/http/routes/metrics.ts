import { type Route, route } from '../route.ts';

export interface MetricsText {
  text: string;
  contentType: string;
}

/** For Prometheus; no key is asked for. */
export function metricsRoutes(metrics: () => Promise<MetricsText>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/metrics',
      auth: 'open',
      handler: async () => ({ status: 200, ...(await metrics()) }),
    }),
  ];
}
