import { z } from 'zod';
import type { Database } from '../../db/database.ts';
import { endHold, findWebhookEndpoint } from '../../db/webhook-endpoints.ts';
import type { WebhookMessageRow } from '../../db/webhook-entities.ts';
import { listMessages, replayFailedSince, replayMessages } from '../../db/webhook-log.ts';
import { WEBHOOK_MESSAGE_STATUSES, WEBHOOK_MESSAGE_TYPES } from '../../domain/webhooks.ts';
import { jsonAnswer } from '../answer.ts';
import { id, idText, instant } from '../fields.ts';
import type { Idempotency } from '../idempotency.ts';
import { answerPage, pageQuery } from '../page.ts';
import { invalidField } from '../problem.ts';
import { type Route, route } from '../route.ts';
import { inQuery, owned } from '../tenancy.ts';

const MAX_IDS = 1_000;
/** One commit moves no more than that. */
const MAX_REPLAYED = 10_000;

const messageQuery = z.strictObject({
  ...pageQuery,
  company_id: idText.exactOptional(),
  endpoint_id: idText.exactOptional(),
  status: z.enum(WEBHOOK_MESSAGE_STATUSES).exactOptional(),
  type: z.enum(WEBHOOK_MESSAGE_TYPES).exactOptional(),
});

const replayBody = z
  .strictObject({
    endpoint_id: id,
    ids: z
      .array(z.string().regex(/^msg_[\w-]{1,64}$/, 'must be the id of a message'))
      .min(1)
      .max(MAX_IDS)
      .optional(),
    since: instant.optional(),
  })
  .superRefine(({ ids, since }, context) => {
    if ((ids === undefined) === (since === undefined))
      context.addIssue({ code: 'custom', path: ['ids'], message: 'is required, or else "since"' });
  });

const viewOf = ({ id: _, public_id, offers: __, payload, ...message }: WebhookMessageRow) => ({
  id: public_id,
  ...message,
  payload: JSON.parse(payload) as unknown,
});

const noSuchEndpoint = () => invalidField('endpoint_id', 'does not exist');

/** What endpoints were told, and how that went. */
export function webhookMessageRoutes(deps: {
  database: Database;
  idempotency: Idempotency;
  clock: () => Date;
}): Route[] {
  const { database, idempotency, clock } = deps;
  const ofEndpoint = owned<{ body: { endpoint_id: number } }>(
    async ({ body }) => (await findWebhookEndpoint(database.read(), body.endpoint_id))?.company_id,
    noSuchEndpoint,
  );

  return [
    route({
      method: 'GET',
      path: '/v1/webhook-messages',
      auth: { scope: 'read', company: inQuery },
      query: messageQuery,
      handler: ({ query: { limit, cursor, ...filters } }) =>
        answerPage(
          { limit, cursor },
          ({ where, options }) => listMessages(database.survey(), { $and: [filters, where] }, options),
          viewOf,
        ),
    }),
    route({
      method: 'POST',
      path: '/v1/webhook-messages/replay',
      auth: { scope: 'webhooks:write', company: ofEndpoint },
      body: replayBody,
      handler: ({ body: { endpoint_id, ids, since }, idempotency: claim }) =>
        idempotency.run(claim, database.write, async (tx) => {
          const endpoint = await findWebhookEndpoint(tx, endpoint_id);
          if (!endpoint) throw noSuchEndpoint();
          if (!endpoint.enabled) throw invalidField('endpoint_id', 'is disabled: enable it first');
          const now = clock();
          await endHold(tx, endpoint_id, now);
          if (ids) return jsonAnswer(200, { ...(await replayMessages(tx, endpoint_id, { ids, now })), more: false });
          const after = { since: since ?? now, most: MAX_REPLAYED, now };
          const replayed = await replayFailedSince(tx, endpoint_id, after);
          return jsonAnswer(200, { replayed, missing: [], more: replayed === MAX_REPLAYED });
        }),
    }),
  ];
}
