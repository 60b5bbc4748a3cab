import { Counter, Gauge, Registry } from 'prom-client';
import { buildVersion } from './build-version.ts';
import type { Config } from './config.ts';
import { createDeliveryMetrics, type DeliveryMetrics } from './observability/delivery-metrics.ts';
import type { Logger } from './observability/log.ts';
import { createOtlpExporter } from './observability/otlp-exporter.ts';
import { createRequestMetrics, type RequestMetrics } from './observability/request-metrics.ts';
import { createSendMetrics, type SendMetrics } from './observability/send-metrics.ts';
import { createTracer, NO_TRACER, type Tracer } from './observability/tracer.ts';
import { createWebhookMetrics, type WebhookMetrics } from './observability/webhook-metrics.ts';

/** What every part of the app tells of itself through. */
export interface Observability {
  registry: Registry;
  requests: RequestMetrics;
  deliveries: DeliveryMetrics;
  sends: SendMetrics;
  webhooks: WebhookMetrics;
  tracer: Tracer;
}

export function openObservability({ config, log }: { config: Config; log: Logger }): Observability {
  const registry = new Registry();
  const version = buildVersion();
  new Gauge({
    name: 'vestnik_build_info',
    help: 'Always 1; the labels tell what runs',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version, node: process.version }, 1);
  return {
    registry,
    requests: createRequestMetrics(registry),
    deliveries: createDeliveryMetrics(registry),
    sends: createSendMetrics(registry),
    webhooks: createWebhookMetrics(registry),
    tracer: openTracer({ config, version, registry, log }),
  };
}

/** Spans go to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names; without it none is made. */
function openTracer(deps: { config: Config; version: string; registry: Registry; log: Logger }): Tracer {
  const { config, version, registry, log } = deps;
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined) return NO_TRACER;
  const exporter = createOtlpExporter({
    endpoint,
    headers: config.OTEL_EXPORTER_OTLP_HEADERS ?? {},
    serviceName: config.OTEL_SERVICE_NAME,
    serviceVersion: version,
    log,
  });
  new Counter({
    name: 'vestnik_spans_dropped_total',
    help: 'Spans that the collector did not take',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(exporter.dropped());
    },
  });
  return createTracer({
    keeps: () => Math.random() < config.OTEL_TRACES_SAMPLER_ARG,
    export: exporter.add,
    stop: exporter.stop,
  });
}
