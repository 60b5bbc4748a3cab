import { z } from 'zod';
import { tracingSettings } from './observability/tracing-settings.ts';
import { pushSettings, vapidPairTrouble, webhookSettings } from './push-settings.ts';

/** How long a stopping process may take before it ends anyway. */
export const STOP_DEADLINE_MS = 10_000;

const PROCESS_ROLES = ['api', 'worker', 'bot', 'scheduler'] as const;

const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const integer = (fallback: number, min: number, max: number) =>
  z
    .string()
    .default(String(fallback))
    .refine((text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `must be a whole number from ${min} to ${max}`,
    })
    .transform(Number);

const redisUrl = z.string().refine((text) => URL.canParse(text) && /^(?:rediss?:\/\/|unix:\/)/.test(text), {
  error: 'must be redis://HOST:PORT, rediss://HOST:PORT or unix:/PATH',
});
/** Running on another Redis than the one named would be worse than not running. */
const clusterNodes = z
  .undefined({ error: 'is not supported yet: leave it unset and name one server in REDIS_URL' })
  .optional();
const webUrl = z.string().refine((text) => URL.canParse(text) && /^https?:\/\//i.test(text), {
  error: 'must be a URL that starts with http:// or https://',
});

const databaseUrl = z
  .string()
  .default('sqlite:.data/vestnik.sqlite')
  .refine((text) => /^sqlite:.+$/.test(text) || (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)), {
    error: 'must be sqlite:PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME',
  })
  .transform((text) =>
    text.startsWith('sqlite:')
      ? ({ kind: 'sqlite', path: text.slice('sqlite:'.length) } as const)
      : ({ kind: 'postgresql', url: text } as const),
  );

/** A second, then ten, and ten again for every further attempt. */
function defaultBackoffMs(maxDeliveries: number): number[] {
  return Array.from({ length: maxDeliveries - 1 }, (_, index) => (index === 0 ? 1000 : 10_000));
}

const environmentSchema = z
  .object({
    HOST: z.string().min(1).default('127.0.0.1'),
    PORT: integer(3000, 0, 65_535),
    REDIS_URL: redisUrl.optional(),
    REDIS_CLUSTER_NODES: clusterNodes,
    REDIS_KEY_PREFIX: z
      .string()
      .regex(/^[^{}\s]*$/, 'must hold no braces and no white space')
      .default(''),
    DATABASE_URL: databaseUrl,
    ROLES: z
      .string()
      .default(PROCESS_ROLES.join(','))
      .transform(list)
      .pipe(
        z
          .array(z.enum(PROCESS_ROLES, { error: `must be a list of ${PROCESS_ROLES.join(', ')}` }))
          .min(1, `must name at least one of ${PROCESS_ROLES.join(', ')}`),
      ),
    TELEGRAM_BOT_TOKEN: z
      .string()
      .regex(/^\d+:\S+$/, 'must look like 123456:ABC-DEF, as @BotFather gives it')
      .optional(),
    TELEGRAM_API_ROOT: webUrl.default('https://api.telegram.org'),
    PUBLIC_URL: webUrl.optional(),
    LINK_SECRET: z
      .string()
      .regex(/^\S{32,}$/, 'must have at least 32 characters and no white space')
      .optional(),
    BROADCAST_RATE_PER_SECOND: integer(30, 1, 1_000_000),
    PAID_BROADCAST_RATE_PER_SECOND: integer(1000, 1, 1_000_000),
    MAX_DELIVERIES: integer(3, 1, 100),
    RETRY_BACKOFF_MS: z
      .string()
      .refine((text) => list(text).every((part) => /^\d{1,8}$/.test(part)), {
        error: 'must be a list of milliseconds, such as 1000,10000',
      })
      .transform((text) => list(text).map(Number))
      .optional(),
    ...pushSettings,
    ...webhookSettings,
    ...tracingSettings,
    P2P_PARTITIONS: integer(1, 1, 64),
    ADMIN_API_KEY: z
      .string()
      .regex(/^\S{8,}$/, 'must have at least 8 characters and no white space')
      .optional(),
    KEY_REQUESTS_PER_SECOND: integer(100, 0, 1_000_000),
    KEY_EVENTS_PER_SECOND: integer(1_000, 0, 1_000_000),
    DELIVERY_LOG_DAYS: integer(365, 0, 36_500),
    LOG_LEVEL: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
        error: 'must be one of trace, debug, info, warn, error, fatal, silent',
      })
      .default('info'),
  })
  .superRefine((env, context) => {
    const trouble = vapidPairTrouble(env);
    if (trouble) context.addIssue({ code: 'custom', path: [trouble.variable], message: trouble.message });
    if (env.RETRY_BACKOFF_MS && env.RETRY_BACKOFF_MS.length !== env.MAX_DELIVERIES - 1)
      context.addIssue({
        code: 'custom',
        path: ['RETRY_BACKOFF_MS'],
        message: `must hold ${env.MAX_DELIVERIES - 1} values, one less than MAX_DELIVERIES (${env.MAX_DELIVERIES})`,
      });
  })
  .transform((env) => ({ ...env, RETRY_BACKOFF_MS: env.RETRY_BACKOFF_MS ?? defaultBackoffMs(env.MAX_DELIVERIES) }));

/** The parsed environment, and the folder that holds what this installation keeps (`.data`). */
export type Config = Readonly<z.infer<typeof environmentSchema> & { dataDir: string }>;

/** What a start cannot do without. */
export type AppConfig = Config & { TELEGRAM_BOT_TOKEN: string; ADMIN_API_KEY: string };

/** A variable that cannot be used; the message names it and says what it must be. */
export class ConfigError extends Error {
  readonly code = 'bad_config';
}

/**
 * Reads the environment once. An empty variable counts as unset.
 * @throws {ConfigError} one line, the first bad variable first.
 */
export function readConfig(env: NodeJS.ProcessEnv, dataDir = '.data'): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environmentSchema.safeParse(given);
  if (parsed.success) return Object.freeze({ ...parsed.data, dataDir });
  throw new ConfigError(parsed.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`).join('; '));
}
