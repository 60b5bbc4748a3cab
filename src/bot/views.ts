import { z } from 'zod';
import { RECIPIENT_ROLES } from '../domain/events.ts';

/** What a card shows; kept as JSON with the message. */
export const viewSchema = z.discriminatedUnion('kind', [
  /**
   * The booking, and the buttons that its reader may press. `by` is the role of who cancelled it, where that is known; `here` says
   * that a button of this very message made the booking's last change.
   */
  z.object({
    kind: z.literal('notification'),
    by: z.enum(RECIPIENT_ROLES).optional(),
    here: z.literal(true).optional(),
  }),
  z.object({ kind: z.literal('menu') }),
  z.object({ kind: z.literal('confirm_cancel') }),
  z.object({ kind: z.literal('choosing_day'), month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/) }),
  /** `page` counts from 0. */
  z.object({ kind: z.literal('choosing_time'), date: z.iso.date(), page: z.int().nonnegative() }),
  z.object({ kind: z.literal('confirming'), starts_at: z.iso.datetime({ offset: true }) }),
]);
export type View = z.infer<typeof viewSchema>;
export type ViewOf<Kind extends View['kind']> = Extract<View, { kind: Kind }>;

/** Where a card's last button leads: to the notification that it was, or to the list it was opened from. */
export const RETURN_TO = ['card', 'bookings', 'today'] as const;
export type ReturnTo = (typeof RETURN_TO)[number];

/** Words of a forged or future button count as `card`. */
export const returnToOf = (word: string | undefined): ReturnTo => RETURN_TO.find((known) => known === word) ?? 'card';
