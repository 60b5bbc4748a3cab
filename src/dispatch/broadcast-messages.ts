import type { Outcome } from '#actors/outcome.ts';
import type { Failure } from '#streams/dead-letters.ts';
import { adPushOptions } from '../channels/web-push/push-options.ts';
import { type BroadcastFacts, type BroadcastText, createBroadcastFactsReader } from '../db/broadcast-reads.ts';
import type { Database } from '../db/database.ts';
import { type BroadcastEvent, maySend } from '../domain/broadcasts.ts';
import { CHANNELS, type RecipientRole } from '../domain/events.ts';
import { quietAt } from '../domain/quiet-hours.ts';
import { adIsShown } from '../domain/settings.ts';
import { rememberedClocks } from '../domain/venue-clock.ts';
import { renderBroadcast } from '../messages/render-broadcast.ts';
import type { ReadyMessage } from './ready-message.ts';
import { dead, type Receipt, returned, suppressed } from './receipt.ts';

/** What a broadcast says to one person, as of now; or why they are not to hear it, or not now. */
export interface BroadcastMessages {
  /** @param isReplay a failure in the log is no end */
  read(
    event: BroadcastEvent,
    text: BroadcastText,
    userId: number,
    isReplay: boolean,
  ): Promise<ReadyMessage | Outcome<Receipt>>;
}

/** A chunk is offered for so long; who could not be told by then has failed, and the broadcast ends. */
const LONGEST_MS = 24 * 60 * 60_000;
const EXPIRED: Failure = { code: 'expired', message: 'for a day it could not be sent' };
/** They are asked again when these are over, unless the chunk is not offered any more by then. */
const QUIET_HOURS = 'quiet_hours';
/** Of people who have been deleted. */
const NO_ROLE: RecipientRole = 'client';

export function createBroadcastMessages(deps: { database: Pick<Database, 'read'>; clock(): Date }): BroadcastMessages {
  const { clock } = deps;
  const loadFacts = createBroadcastFactsReader(deps.database);
  const clocks = rememberedClocks();

  function readyMessage(
    event: BroadcastEvent,
    text: BroadcastText,
    { user, company_name, ad }: BroadcastFacts & { user: NonNullable<BroadcastFacts['user']> },
    user_id: number,
  ): ReadyMessage {
    const { role, tg_id, telegram_unreachable, locale } = user;
    const { push, tg_html } = text.content;
    const tag = `broadcast-${event.broadcast_id}`;
    return {
      kind: 'ready',
      person: { user_id, role },
      company_id: event.company_id,
      event,
      channels: CHANNELS,
      tg_id,
      telegram_unreachable,
      toTelegram() {
        const ad_html = text.ad_html !== null && ad && adIsShown(ad, clock()) ? text.ad_html : undefined;
        const { legal } = text;
        return {
          message: renderBroadcast({ locale, user_id, tg_html, ad_html, legal, company_name }),
          card_version: null,
        };
      },
      toWebPush() {
        if (!push) return null;
        const notification = { title: push.title, body: push.body, navigate: push.url, tag, lang: locale };
        return { notification, options: adPushOptions({ tag, now: clock() }) };
      },
      // Nobody wants an ad twice.
      silent: false,
      whenUnknown: 'give_up',
      onLongWait: 'return',
      paid: text.allow_paid,
    };
  }

  return {
    async read(event, text, user_id, isReplay) {
      const { broadcast_id, company_id, id: event_id } = event;
      const facts = await loadFacts({ broadcast_id, company_id, user_id, event_id });
      const person = { user_id, role: facts?.user?.role ?? NO_ROLE };
      const done = (receipt: Receipt): Outcome<Receipt> => ({ kind: 'done', receipt });
      if (!facts?.user) return done(suppressed(person, 'deleted'));
      // Another offer of the chunk came first; its row in the log stands.
      if (facts.logged !== null && !(isReplay && facts.logged === 'dead'))
        return done(returned(person, 'already_told'));
      if (!maySend(facts.status)) return done(returned(person, facts.status));
      const now = clock();
      const endsAt = event.ts * 1000 + LONGEST_MS;
      if (now.getTime() > endsAt) return done(dead(person, EXPIRED));
      if (text.is_test) return readyMessage(event, text, { ...facts, user: facts.user }, user_id);
      if (facts.user.ads_opt_out) return done(suppressed(person, 'opted_out'));
      const quiet = quietAt(facts.user, 'broadcasts', now, clocks);
      // No failure: they chose hours that leave this ad no time.
      if (quiet) return done((quiet.until.getTime() > endsAt ? suppressed : returned)(person, QUIET_HOURS));
      return readyMessage(event, text, { ...facts, user: facts.user }, user_id);
    },
  };
}
