import { z } from 'zod';
import type { Database, Sql } from '../../db/database.ts';
import { Company } from '../../db/entities.ts';
import { findRow } from '../../db/rows.ts';
import {
  changeWebhookEndpoint,
  countWebhookEndpoints,
  deleteWebhookEndpoint,
  findWebhookEndpoint,
  insertWebhookEndpoint,
  listWebhookEndpoints,
  rotateWebhookSecret,
  type StoredWebhookEndpoint,
} from '../../db/webhook-endpoints.ts';
import { tellEndpoint } from '../../db/webhook-messages.ts';
import { WEBHOOK_EVENT_TYPES, WEBHOOK_TEST } from '../../domain/webhooks.ts';
import { newWebhookSecret } from '../../webhooks/signature.ts';
import { WEBHOOK_URL_MAX_LENGTH } from '../../webhooks/webhook-url.ts';
import { jsonAnswer, NO_CONTENT } from '../answer.ts';
import { requireMatch } from '../conditional.ts';
import { booleanText, id, idParams, idText, text } from '../fields.ts';
import type { Idempotency } from '../idempotency.ts';
import { answerPage, pageQuery } from '../page.ts';
import { invalidField, Problem } from '../problem.ts';
import { type Route, route } from '../route.ts';
import { inBody, inQuery, owned } from '../tenancy.ts';
import { createUrlCheck, type WebhookTargets } from '../webhook-targets.ts';

const MAX_ENDPOINTS = 10;
const DAY_MS = 24 * 60 * 60_000;

const fields = {
  url: text(WEBHOOK_URL_MAX_LENGTH),
  event_types: z
    .array(z.enum(WEBHOOK_EVENT_TYPES))
    .min(1)
    .max(WEBHOOK_EVENT_TYPES.length)
    .transform((types) => [...new Set(types)]),
};
const newEndpoint = z.strictObject({ company_id: id, url: fields.url, event_types: fields.event_types.optional() });
const endpointChange = z.strictObject({ ...fields, enabled: z.boolean() }).partial();
const endpointQuery = z.strictObject({
  ...pageQuery,
  company_id: idText.exactOptional(),
  enabled: booleanText.exactOptional(),
});
const emptyBody = z.strictObject({}).optional();

const noSuchEndpoint = () => new Problem('not_found', 'there is no webhook endpoint with this id');

/** @throws {Problem} 404. */
async function found(sql: Sql, endpointId: number): Promise<StoredWebhookEndpoint> {
  const endpoint = await findWebhookEndpoint(sql, endpointId);
  if (!endpoint) throw noSuchEndpoint();
  return endpoint;
}

const viewOf = ({ secret: _, old_secret: __, failures: ___, held_until, ...endpoint }: StoredWebhookEndpoint) => ({
  ...endpoint,
  next_attempt_after: held_until,
});
const answerOf = (endpoint: StoredWebhookEndpoint) => jsonAnswer(200, viewOf(endpoint));

/** Where companies want to be told of what happened. */
export function webhookEndpointRoutes(deps: {
  database: Database;
  idempotency: Idempotency;
  webhooks: WebhookTargets;
  clock: () => Date;
}): Route[] {
  const { database, idempotency, webhooks, clock } = deps;
  const company = owned<{ params: { id: number } }>(
    async ({ params }) => (await findWebhookEndpoint(database.read(), params.id))?.company_id,
    noSuchEndpoint,
  );
  const path = '/v1/webhook-endpoints';
  const item = `${path}/{id}`;
  const write = { scope: 'webhooks:write', company } as const;

  const checkUrl = createUrlCheck(webhooks);

  return [
    route({
      method: 'GET',
      path,
      auth: { scope: 'read', company: inQuery },
      query: endpointQuery,
      handler: ({ query: { limit, cursor, ...filters } }) =>
        answerPage(
          { limit, cursor },
          ({ where, options }) => listWebhookEndpoints(database.survey(), { $and: [filters, where] }, options),
          viewOf,
        ),
    }),
    route({
      method: 'POST',
      path,
      auth: { scope: 'webhooks:write', company: inBody },
      body: newEndpoint,
      async handler({ body: { company_id, url, event_types = [...WEBHOOK_EVENT_TYPES] }, idempotency: claim }) {
        // Where the name leads now is nothing to a repetition.
        const stored = claim && (await idempotency.recall(database.read(), claim));
        if (stored) return stored;
        await checkUrl(url);
        return await idempotency.run(claim, database.write, async (tx) => {
          if (!(await findRow(tx, Company, { id: company_id }))) throw invalidField('company_id', 'does not exist');
          if ((await countWebhookEndpoints(tx, company_id)) >= MAX_ENDPOINTS)
            throw invalidField('company_id', `has ${MAX_ENDPOINTS} webhook endpoints, and may not have more`);
          const secret = newWebhookSecret();
          const row = { company_id, url, event_types, secret, created_at: clock() };
          return jsonAnswer(201, { ...viewOf(await insertWebhookEndpoint(tx, row)), secret });
        });
      },
    }),
    route({
      method: 'GET',
      path: item,
      auth: { scope: 'read', company },
      params: idParams,
      tagged: true,
      handler: async ({ params }) => answerOf(await found(database.read(), params.id)),
    }),
    route({
      method: 'PATCH',
      path: item,
      auth: write,
      params: idParams,
      body: endpointChange,
      tagged: true,
      async handler({ params, body, ifMatch }) {
        await checkUrl(body.url);
        return await database.write(async (tx) => {
          const before = await found(tx, params.id);
          await requireMatch(ifMatch, () => answerOf(before));
          return answerOf(await changeWebhookEndpoint(tx, before, body, clock()));
        });
      },
    }),
    route({
      method: 'DELETE',
      path: item,
      auth: write,
      params: idParams,
      tagged: true,
      handler: ({ params, ifMatch }) =>
        database.write(async (tx) => {
          const before = await found(tx, params.id);
          await requireMatch(ifMatch, () => answerOf(before));
          await deleteWebhookEndpoint(tx, params.id, clock());
          return NO_CONTENT;
        }),
    }),
    route({
      method: 'POST',
      path: `${item}/rotate-secret`,
      auth: write,
      params: idParams,
      body: emptyBody,
      handler: ({ params, idempotency: claim }) =>
        idempotency.run(claim, database.write, async (tx) => {
          await found(tx, params.id);
          const secret = newWebhookSecret();
          const now = clock();
          await rotateWebhookSecret(tx, params.id, { secret, oldUntil: new Date(now.getTime() + DAY_MS), now });
          return jsonAnswer(200, { ...viewOf(await found(tx, params.id)), secret });
        }),
    }),
    route({
      method: 'POST',
      path: `${item}/test`,
      auth: write,
      params: idParams,
      body: emptyBody,
      handler: ({ params, idempotency: claim }) =>
        idempotency.run(claim, database.write, async (tx) => {
          const { id: endpoint_id, company_id } = await found(tx, params.id);
          const now = clock();
          const fact = { company_id, type: WEBHOOK_TEST, at: now, data: { endpoint_id } } as const;
          const messageId = await tellEndpoint(tx, endpoint_id, fact, now);
          if (messageId === null) throw invalidField('id', 'is of an endpoint that is disabled: enable it first');
          return jsonAnswer(202, { message_id: messageId });
        }),
    }),
  ];
}
