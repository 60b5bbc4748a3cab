import { jsonAnswer } from '../answer.ts';
import { type Route, route } from '../route.ts';

/** `degraded` is still ready: bookings are taken while Redis or Telegram is away. */
export interface Readiness {
  ready: boolean;
  status: 'ok' | 'degraded' | 'unavailable';
  reasons: string[];
}

/** For the supervisor and the load balancer; no key is asked for. */
export function healthRoutes(readiness: () => Promise<Readiness>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/healthz',
      auth: 'open',
      handler: async () => jsonAnswer(200, { status: 'ok', tzdata: process.versions.tz }),
    }),
    route({
      method: 'GET',
      path: '/readyz',
      auth: 'open',
      async handler() {
        const { ready, status, reasons } = await readiness();
        return jsonAnswer(ready ? 200 : 503, { status, reasons });
      },
    }),
  ];
}
