import { z } from 'zod';
import { BROADCAST_STATUSES } from '../../domain/broadcasts.ts';
import { CommandError } from '../command-error.ts';

const counts = z.record(z.string(), z.number());

const broadcastSchema = z.object({
  id: z.number(),
  company_id: z.number(),
  status: z.enum(BROADCAST_STATUSES),
  is_test: z.boolean(),
  send_at: z.string(),
  finished_at: z.string().nullable(),
  audience_size: z.number().nullable(),
  progress: z.object({
    sent: z.number(),
    sent_by: counts,
    failed: z.number(),
    failed_by: counts,
    suppressed: z.number(),
    suppressed_by: counts,
    remaining: z.number().nullable(),
    waiting_quiet: z.number(),
    rate_per_second: z.number(),
    eta: z.string().nullable(),
  }),
});
/** What the commands read of a broadcast in an answer of the API. */
export type BroadcastAnswer = z.infer<typeof broadcastSchema>;

const listSchema = z.object({ items: z.array(broadcastSchema), next_cursor: z.string().nullable() });

const previewSchema = z.object({
  audience_size: z.number(),
  reached_by: counts,
  opted_out: z.number(),
  unreachable: z.number(),
  no_channel: z.number(),
  waiting_quiet: z.number(),
  duration_s: z.number(),
  eta: z.string(),
  sample: z.object({ user_id: z.number(), html: z.string(), buttons: z.array(z.string()) }).nullable(),
  test: z.object({ broadcast_id: z.number(), user_id: z.number() }).nullable(),
});
export type PreviewAnswer = z.infer<typeof previewSchema>;

/** @throws {CommandError} */
export const readBroadcast = (answer: unknown): BroadcastAnswer => read(broadcastSchema, answer);
/** @throws {CommandError} */
export const readBroadcastList = (answer: unknown): z.infer<typeof listSchema> => read(listSchema, answer);
/** @throws {CommandError} */
export const readPreview = (answer: unknown): PreviewAnswer => read(previewSchema, answer);

function read<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.');
  throw new CommandError(`the answer is not what this version understands (${where}): use the vestnik of the service`);
}

export const hasEnded = ({ status }: BroadcastAnswer): boolean => status === 'completed' || status === 'cancelled';
