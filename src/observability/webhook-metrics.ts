import { Counter, type Registry } from 'prom-client';

export interface WebhookMetrics {
  /** @param outcome the kind of the receipt */
  attempted(outcome: string): void;
}

export function createWebhookMetrics(registry: Registry): WebhookMetrics {
  const attempts = new Counter({
    name: 'vestnik_webhook_attempts_total',
    help: 'Calls of webhook endpoints by how they ended; put_off ones met an endpoint that fails and sent nothing',
    labelNames: ['outcome'],
    registers: [registry],
  });
  return { attempted: (outcome) => attempts.inc({ outcome }) };
}
