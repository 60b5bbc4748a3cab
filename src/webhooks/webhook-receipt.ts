import { z } from 'zod';

/** How one attempt ended; kept as JSON in the ledger until it stands in the database. */
export const webhookReceiptSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('accepted'), status: z.int() }),
  z.object({
    kind: z.literal('refused'),
    /** Null where no answer came. */
    status: z.int().nullable(),
    error: z.string(),
    retry_after_ms: z.number().nullable(),
    /** When the attempt began, in ms. */
    started_at: z.number(),
    /** What was called; null where nothing was. */
    url: z.string().nullable(),
  }),
  /** Its endpoint is held: nothing was sent. */
  z.object({ kind: z.literal('put_off') }),
  /** It has ended, or its endpoint was deleted. */
  z.object({ kind: z.literal('obsolete') }),
]);
export type WebhookReceipt = z.infer<typeof webhookReceiptSchema>;
