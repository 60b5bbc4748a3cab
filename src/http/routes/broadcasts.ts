import { z } from 'zod';
import { resolveInitiator } from '../../bookings/initiator.ts';
import { BroadcastRefused } from '../../broadcast/broadcast-refused.ts';
import type { BroadcastService } from '../../broadcast/broadcast-service.ts';
import type { NewBroadcast } from '../../broadcast/new-broadcast.ts';
import { Broadcast } from '../../db/broadcast-entities.ts';
import { findBroadcast, readBroadcast, type StoredBroadcast } from '../../db/broadcasts.ts';
import type { Database, Sql } from '../../db/database.ts';
import { findRows } from '../../db/rows.ts';
import { BROADCAST_ACTIONS, BROADCAST_STATUSES, type BroadcastAction } from '../../domain/broadcasts.ts';
import { LOCALES, RECIPIENT_ROLES } from '../../domain/events.ts';
import { type Answer, jsonAnswer } from '../answer.ts';
import { HTML_SOURCE_MAX_LENGTH, id, idParams, idText, instant, text } from '../fields.ts';
import type { Idempotency, IdempotencyClaim } from '../idempotency.ts';
import { type PageWindow, pageOf, pageQuery } from '../page.ts';
import { invalidField } from '../problem.ts';
import { type Route, route } from '../route.ts';
import { inBody, inQuery, owned } from '../tenancy.ts';

const MAX_USER_IDS = 10_000;
const PUSH_TITLE_MAX_LENGTH = 200;
const PUSH_BODY_MAX_LENGTH = 2_000;
const URL_MAX_LENGTH = 1_000;

const wanted = <T extends z.ZodType>(item: T, max: number) => z.array(item).min(1).max(max).optional();

const audience = z.strictObject({
  roles: wanted(z.enum(RECIPIENT_ROLES), RECIPIENT_ROLES.length),
  user_ids: wanted(id, MAX_USER_IDS),
  locales: wanted(z.enum(LOCALES), LOCALES.length),
  not_seen_since: instant.transform((at) => at.toISOString()).optional(),
});

const push = z.strictObject({
  title: text(PUSH_TITLE_MAX_LENGTH),
  body: text(PUSH_BODY_MAX_LENGTH),
  url: text(URL_MAX_LENGTH).refine(
    (value) => /^https:\/\//.test(value) && URL.canParse(value),
    'must be an https address',
  ),
});

const facts = {
  company_id: id,
  audience,
  content: z.strictObject({ tg_html: text(HTML_SOURCE_MAX_LENGTH), push: push.optional() }),
  send_at: instant.optional(),
  ad_template_id: id.nullable().default(null),
  allow_paid: z.boolean().default(false),
};
const newBroadcast = z.strictObject(facts);
const previewed = z.strictObject({ ...facts, send_test_to: id.optional() });

const broadcastQuery = z.strictObject({
  ...pageQuery,
  company_id: idText.exactOptional(),
  status: z.enum(BROADCAST_STATUSES).exactOptional(),
});
const emptyBody = z.strictObject({}).optional();

const noSuchBroadcast = () => new BroadcastRefused({ code: 'broadcast_not_found' });

/** Later than that is a mistake. */
const FARTHEST_MS = 366 * 24 * 3_600_000;

export function broadcastRoutes(deps: {
  database: Database;
  broadcasts: BroadcastService;
  idempotency: Idempotency;
  clock: () => Date;
}): Route[] {
  const { database, broadcasts, idempotency, clock } = deps;

  const ofBroadcast = owned<{ params: { id: number } }>(
    async ({ params }) => (await findBroadcast(database.read(), params.id))?.company_id,
    noSuchBroadcast,
  );

  const shown = async (sql: Sql, status: number, broadcast: StoredBroadcast): Promise<Answer> =>
    jsonAnswer(status, await broadcasts.view(sql, broadcast));

  function checked({ send_at, ...rest }: z.infer<typeof newBroadcast>): NewBroadcast {
    if (send_at && send_at.getTime() > clock().getTime() + FARTHEST_MS)
      throw invalidField('send_at', 'must be within a year');
    return { ...rest, send_at };
  }

  const action = (act: BroadcastAction): Route =>
    route({
      method: 'POST',
      path: `/v1/broadcasts/{id}/${act}`,
      auth: { scope: 'broadcasts:write', company: ofBroadcast },
      params: idParams,
      body: emptyBody,
      tagged: true,
      handler: ({ params, idempotency: claim }) =>
        act === 'retry-failed'
          ? retryFailed(params.id, claim)
          : idempotency.run(claim, broadcasts.commit, async (tx) =>
              shown(tx, 200, await broadcasts.act(tx, params.id, act)),
            ),
    });

  /** In many transactions: asked twice, the second finds nobody left to retry. */
  async function retryFailed(broadcastId: number, claim: IdempotencyClaim | undefined): Promise<Answer> {
    const stored = claim && (await idempotency.recall(database.read(), claim));
    if (stored) return stored;
    const broadcast = await broadcasts.retryFailed(broadcastId);
    return await idempotency.run(claim, broadcasts.commit, (tx) => shown(tx, 200, broadcast));
  }

  return [
    route({
      method: 'POST',
      path: '/v1/broadcasts',
      auth: { scope: 'broadcasts:write', company: inBody },
      body: newBroadcast,
      tagged: true,
      handler: ({ body, initiator: claim, idempotency: key, trace }) =>
        idempotency.run(key, broadcasts.commit, async (tx) => {
          const input = checked(body);
          const initiator = await resolveInitiator(tx, claim, input.company_id);
          return shown(tx, 202, await broadcasts.create(tx, input, initiator, trace));
        }),
    }),
    route({
      method: 'POST',
      path: '/v1/broadcasts/preview',
      auth: { scope: 'broadcasts:write', company: inBody },
      body: previewed,
      async handler({ body: { send_test_to, ...body }, initiator: claim, idempotency: key, trace }) {
        const input = checked(body);
        const preview = await broadcasts.preview(input);
        if (send_test_to === undefined) {
          const answer = jsonAnswer(200, { ...preview, test: null });
          return key ? await idempotency.run(key, database.write, async () => answer) : answer;
        }
        return await idempotency.run(key, broadcasts.commit, async (tx) => {
          const initiator = await resolveInitiator(tx, claim, input.company_id);
          const test = await broadcasts.createTest(tx, input, send_test_to, initiator, trace);
          return jsonAnswer(200, { ...preview, test: { broadcast_id: test.id, user_id: send_test_to } });
        });
      },
    }),
    route({
      method: 'GET',
      path: '/v1/broadcasts',
      auth: { scope: 'read', company: inQuery },
      query: broadcastQuery,
      async handler({ query: { limit, cursor, ...filters } }) {
        const sql = database.survey();
        const find = async ({ where, options }: PageWindow) =>
          (await findRows(sql, Broadcast, { $and: [filters, where] }, options)).map(readBroadcast);
        const { items, next_cursor } = await pageOf({ limit, cursor }, find);
        const views = await Promise.all(items.map((broadcast) => broadcasts.view(sql, broadcast)));
        return jsonAnswer(200, { items: views, next_cursor });
      },
    }),
    route({
      method: 'GET',
      path: '/v1/broadcasts/{id}',
      auth: { scope: 'read', company: ofBroadcast },
      params: idParams,
      tagged: true,
      async handler({ params }) {
        const sql = database.survey();
        const broadcast = await findBroadcast(sql, params.id);
        if (!broadcast) throw noSuchBroadcast();
        return await shown(sql, 200, broadcast);
      },
    }),
    ...BROADCAST_ACTIONS.map(action),
  ];
}
