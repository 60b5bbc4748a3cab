import { z } from 'zod';

const SHARE = /^(?:0(?:\.\d+)?|1(?:\.0+)?)$/;
const PAIRS = /^[^=,]+=[^,]*(?:,[^=,]+=[^,]*)*$/;

/** No value of a header. */
const UNSENDABLE = '\0';

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return null;
  }
}

/** Header names and values of `k=v,k=v`, percent-encoded; null where one cannot be sent. */
function readHeaders(text: string): Record<string, string> | null {
  const pairs = text.split(',').map((pair) => {
    const at = pair.indexOf('=');
    return [decoded(pair.slice(0, at)) ?? '', decoded(pair.slice(at + 1)) ?? UNSENDABLE] as [string, string];
  });
  try {
    return Object.fromEntries(new Headers(pairs));
  } catch {
    return null;
  }
}

/** Named and read as OpenTelemetry does ("OpenTelemetry Protocol Exporter", "SDK environment variables"). */
export const tracingSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .refine((text) => URL.canParse(text) && /^https?:\/\//i.test(text), {
      error: 'must be a URL that starts with http:// or https://, such as http://127.0.0.1:4318',
    })
    .optional(),
  OTEL_EXPORTER_OTLP_HEADERS: z
    .string()
    .refine(
      (text) => PAIRS.test(text) && readHeaders(text) !== null,
      'must be a list such as authorization=Bearer%20KEY',
    )
    .transform((text) => readHeaders(text) ?? {})
    .optional(),
  OTEL_SERVICE_NAME: z.string().max(128).default('vestnik'),
  OTEL_TRACES_SAMPLER_ARG: z.string().regex(SHARE, 'must be a number from 0 to 1').default('1').transform(Number),
};
