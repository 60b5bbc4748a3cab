import { hastenChunks } from '../db/broadcast-chunks.ts';
import {
  changeStatus,
  findBroadcast,
  insertBroadcast,
  liveBroadcasts,
  type StoredBroadcast,
} from '../db/broadcasts.ts';
import { chunksWithFailures, forgetFailures } from '../db/chunk-results.ts';
import type { Database, Sql } from '../db/database.ts';
import { AdTemplate, Company, User } from '../db/entities.ts';
import { findRow } from '../db/rows.ts';
import { type BroadcastAction, OUTCOME_UNKNOWN, statusAfter } from '../domain/broadcasts.ts';
import type { Initiator } from '../domain/events.ts';
import { checkBroadcastHtml } from '../messages/check-html.ts';
import { type BroadcastPreview, createPreview } from './broadcast-preview.ts';
import { BroadcastRefused } from './broadcast-refused.ts';
import { type BroadcastView, viewBroadcast } from './broadcast-view.ts';
import type { NewBroadcast } from './new-broadcast.ts';

/** Ended broadcasts are shown as live for so long, so that everybody who watches sees the end. */
const ENDED_SHOWN_MS = 10_000;

/**
 * Everything that may happen to a broadcast, whoever asks. What takes `tx` runs inside a transaction of `commit`. `trace` is the
 * `traceparent` of what asks.
 */
export interface BroadcastService {
  /** @throws {BroadcastRefused} */
  create(tx: Sql, input: NewBroadcast, initiator: Initiator, trace?: string): Promise<StoredBroadcast>;
  /** The message to one person alone, whatever they think of ads. @throws {BroadcastRefused} */
  createTest(
    tx: Sql,
    input: NewBroadcast,
    userId: number,
    initiator: Initiator,
    trace?: string,
  ): Promise<StoredBroadcast>;
  /** Pause, resume or cancel. Repeated, it changes nothing. @throws {BroadcastRefused} */
  act(tx: Sql, id: number, act: Exclude<BroadcastAction, 'retry-failed'>): Promise<StoredBroadcast>;
  /** Lets those who failed have it once more, chunk by chunk; asked again, it goes on where it broke off. @throws {BroadcastRefused} */
  retryFailed(id: number): Promise<StoredBroadcast>;
  /** Who would hear, how, and when. @throws {BroadcastRefused} */
  preview(input: NewBroadcast): Promise<BroadcastPreview>;
  view(sql: Sql, broadcast: StoredBroadcast): Promise<BroadcastView>;
  /** Those of the companies that are not over, or ended a moment ago, and those with one of `followedIds`. */
  live(companyIds: readonly number[], followedIds: readonly number[]): Promise<BroadcastView[]>;
  /** `Database.write`, after which waiting broadcasts are looked at. */
  commit<T>(work: (tx: Sql) => Promise<T>): Promise<T>;
}

export function createBroadcastService(deps: {
  database: Database;
  /** Messages a second, and those of paid broadcasts. */
  rates: { free: number; paid: number };
  clock: () => Date;
  /** Told after each commit; must not throw. */
  onCommitted: () => void;
}): BroadcastService {
  const { database, rates, clock, onCommitted } = deps;
  const previewOf = createPreview(deps);

  async function commit<T>(work: (tx: Sql) => Promise<T>): Promise<T> {
    const result = await database.write(work);
    onCommitted();
    return result;
  }

  async function found(sql: Sql, id: number): Promise<StoredBroadcast> {
    const broadcast = await findBroadcast(sql, id);
    if (!broadcast) throw new BroadcastRefused({ code: 'broadcast_not_found' });
    return broadcast;
  }

  /** The state it goes into. */
  function next(broadcast: StoredBroadcast, act: BroadcastAction): StoredBroadcast['status'] {
    const { status, started_at } = broadcast;
    const to = statusAfter(act, { status, hasStarted: started_at !== null });
    if (to === null) throw new BroadcastRefused({ code: 'broadcast_state', status, act });
    return to;
  }

  type Origin = Pick<StoredBroadcast, 'initiated_by' | 'is_test' | 'trace'>;

  async function insert(tx: Sql, input: NewBroadcast, origin: Origin) {
    await check(tx, input);
    const now = clock();
    const { send_at = now, ...rest } = input;
    return await insertBroadcast(tx, { ...rest, ...origin, send_at, created_at: now });
  }

  return {
    create: (tx, input, initiated_by, trace) =>
      insert(tx, input, { initiated_by, is_test: false, trace: trace ?? null }),

    async createTest(tx, input, userId, initiated_by, trace) {
      const user = await findRow(tx, User, { id: userId, company_id: input.company_id });
      const refuse = (detail: string) => new BroadcastRefused({ code: 'invalid_field', field: 'send_test_to', detail });
      if (!user) throw refuse('must be a user of this company');
      if (user.erased_at) throw refuse('must not be an erased user');
      const one = { ...input, audience: { user_ids: [userId] }, send_at: undefined };
      return await insert(tx, one, { initiated_by, is_test: true, trace: trace ?? null });
    },

    async act(tx, id, act) {
      const before = await found(tx, id);
      const to = next(before, act);
      const now = clock();
      const finished_at = to === 'cancelled' ? (before.finished_at ?? now) : null;
      await changeStatus(tx, id, { from: before.status, to, finished_at });
      if (to === 'running') await hastenChunks(tx, id, now);
      return { ...before, status: to, finished_at };
    },

    async retryFailed(id) {
      const before = await found(database.read(), id);
      next(before, 'retry-failed');
      const now = clock();
      for (const number of await chunksWithFailures(database.survey(), id))
        await database.write((tx) => forgetFailures(tx, before, number, { except: OUTCOME_UNKNOWN, now }));
      return await commit(async (tx) => {
        const current = await found(tx, id);
        const to = next(current, 'retry-failed');
        await changeStatus(tx, id, { from: current.status, to, finished_at: null });
        return { ...current, status: to, finished_at: null };
      });
    },

    async preview(input) {
      await check(database.read(), input);
      return await previewOf(input);
    },

    view: (sql, broadcast) => viewBroadcast(sql, broadcast, { now: clock(), rates }),

    async live(companyIds, followedIds) {
      const now = clock();
      const sql = database.survey();
      const endedSince = new Date(now.getTime() - ENDED_SHOWN_MS);
      const broadcasts = await liveBroadcasts(sql, { companyIds, followedIds, endedSince });
      return await Promise.all(broadcasts.map((broadcast) => viewBroadcast(sql, broadcast, { now, rates })));
    },

    commit,
  };
}

/** What one field cannot know of the others. @throws {BroadcastRefused} */
async function check(sql: Sql, { company_id, content, ad_template_id }: NewBroadcast): Promise<void> {
  const refuse = (field: string, detail: string) => new BroadcastRefused({ code: 'invalid_field', field, detail });
  if (!(await findRow(sql, Company, { id: company_id }))) throw refuse('company_id', 'must be the id of a company');
  const template = ad_template_id === null ? null : await findRow(sql, AdTemplate, { id: ad_template_id, company_id });
  if (ad_template_id !== null && !template) throw refuse('ad_template_id', 'must be of this company');
  const wrong = checkBroadcastHtml(content.tg_html, template?.content_tg);
  if (wrong !== null) throw refuse('content.tg_html', wrong);
}
