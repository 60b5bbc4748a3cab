import type { Audience, BroadcastContent } from '../domain/broadcasts.ts';

export interface NewBroadcast {
  company_id: number;
  audience: Audience;
  content: BroadcastContent;
  ad_template_id: number | null;
  allow_paid: boolean;
  /** Now when undefined. */
  send_at: Date | undefined;
}
