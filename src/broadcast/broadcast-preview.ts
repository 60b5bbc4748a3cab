import { countByWay, newestUserId, nextMembers, type Way, type WayCount } from '../db/audience.ts';
import type { Database, Sql } from '../db/database.ts';
import { AdTemplate, Company, User } from '../db/entities.ts';
import { findRow } from '../db/rows.ts';
import { peopleAhead } from '../db/tallies.ts';
import { quietAt } from '../domain/quiet-hours.ts';
import { adIsShown } from '../domain/settings.ts';
import { rememberedClocks } from '../domain/venue-clock.ts';
import { renderBroadcast } from '../messages/render-broadcast.ts';
import type { NewBroadcast } from './new-broadcast.ts';

export interface BroadcastPreview {
  audience_size: number;
  /** How many would hear in which way. */
  reached_by: { telegram: number; web_push: number };
  opted_out: number;
  /** Their chat refuses messages, and they have no browser that takes them. */
  unreachable: number;
  /** Neither Telegram nor a browser that takes this message; without `content.push` all who have a browser alone. */
  no_channel: number;
  /** Of those reached, so many would be in their quiet hours when it starts, and hear it after them. */
  waiting_quiet: number;
  /** How long it would take in Telegram at the full rate, with what is under way before it. */
  duration_s: number;
  /** When it would be through. */
  eta: Date;
  /** The message as the first of its audience would see it; null when there is nobody. */
  sample: { user_id: number; html: string; buttons: string[] } | null;
}

export function createPreview(deps: {
  database: Database;
  rates: { free: number; paid: number };
  clock: () => Date;
}): (input: NewBroadcast) => Promise<BroadcastPreview> {
  const { database, rates, clock } = deps;

  async function sampleOf(sql: Sql, { company_id, content, ad_template_id }: NewBroadcast, user_id: number) {
    const user = await findRow(sql, User, { id: user_id, company_id });
    const company = await findRow(sql, Company, { id: company_id });
    if (!user || !company) return null;
    const ad = ad_template_id === null ? null : await findRow(sql, AdTemplate, { id: ad_template_id, company_id });
    const others =
      user.tg_id === null ? 0 : await sql.count(User, { tg_id: user.tg_id, company_id: { $ne: company_id } });
    const { html, keyboard } = renderBroadcast({
      locale: user.locale,
      user_id,
      tg_html: content.tg_html,
      ad_html: ad && adIsShown(ad, clock()) ? ad.content_tg : undefined,
      legal: company,
      company_name: others > 0 ? company.name : null,
    });
    return { user_id, html, buttons: keyboard.flat().map(({ text }) => text) };
  }

  return async (input) => {
    const { company_id, audience, allow_paid, send_at, content } = input;
    const sql = database.survey();
    const range = { company_id, audience, after: 0, upTo: await newestUserId(sql, company_id) };
    const counted = await countByWay(sql, range, content.push !== undefined);
    const { telegram, web_push, ...unreached } = sumByWay(counted);
    const first = (await nextMembers(sql, range, 1)).user_ids[0];
    const ahead = allow_paid ? 0 : await peopleAhead(sql);
    const perSecond = allow_paid ? rates.paid : rates.free;
    const duration_s = Math.ceil((ahead + telegram) / perSecond);
    const begins = Math.max(clock().getTime(), send_at?.getTime() ?? 0);
    const quiet = quietAtStart(counted, new Date(begins));
    return {
      audience_size: telegram + web_push + unreached.opted_out + unreached.unreachable + unreached.no_channel,
      reached_by: { telegram, web_push },
      ...unreached,
      duration_s,
      waiting_quiet: quiet.people,
      eta: new Date(Math.max(begins + duration_s * 1000, quiet.until + Math.ceil(quiet.inTelegram / perSecond) * 1000)),
      sample: first === undefined ? null : await sampleOf(sql, input, first),
    };
  };
}

function sumByWay(counted: readonly WayCount[]): Record<Way, number> {
  const counts: Record<Way, number> = { telegram: 0, web_push: 0, opted_out: 0, unreachable: 0, no_channel: 0 };
  for (const { way, people } of counted) counts[way] += people;
  return counts;
}

/** Those reached who are in their quiet hours then; `until`, in ms, is when the last of them may hear it, 0 for nobody. */
function quietAtStart(counted: readonly WayCount[], begins: Date) {
  const quiet = { people: 0, inTelegram: 0, until: 0 };
  const clocks = rememberedClocks();
  for (const { way, people, ...person } of counted) {
    const until = quietAt(person, 'broadcasts', begins, clocks)?.until;
    if (!until || (way !== 'telegram' && way !== 'web_push')) continue;
    quiet.people += people;
    if (way === 'telegram') quiet.inTelegram += people;
    quiet.until = Math.max(quiet.until, until.getTime());
  }
  return quiet;
}
