import { z } from 'zod';
import type { AllowedHosts } from '../../channels/web-push/allowed-hosts.ts';
import { checkSubscription, type SubscriptionRefusal } from '../../channels/web-push/check-subscription.ts';
import type { Resolve } from '../../channels/web-push/guarded-lookup.ts';
import type { Database } from '../../db/database.ts';
import { Company, User } from '../../db/entities.ts';
import { removeDevice, saveDevice } from '../../db/push-registrations.ts';
import { findRow } from '../../db/rows.ts';
import type { LinkClaims } from '../../links/link-signer.ts';
import type { Links } from '../../links/links.ts';
import { jsonAnswer, NO_CONTENT } from '../answer.ts';
import { deadLink, type LinkAuthenticator, linkClaims } from '../auth.ts';
import type { Idempotency } from '../idempotency.ts';
import { invalidField } from '../problem.ts';
import { type Route, route } from '../route.ts';

/** A user who subscribes on more devices loses the oldest. */
const MAX_DEVICES = 20;
/** Longer texts are refused with better words further on, but never looked at. */
const TEXT_MAX_LENGTH = 4096;

/** What a subscription is checked against. */
export interface PushRegistration {
  /** The VAPID key that pages subscribe with. */
  publicKey: string;
  allowedHosts: AllowedHosts;
  /** The system's resolver unless given. */
  resolve?: Resolve;
}

const shortText = z.string().max(TEXT_MAX_LENGTH);
/** `PushSubscription.toJSON()` (Push API, PushSubscriptionJSON). */
const subscription = z.strictObject({
  endpoint: shortText,
  expirationTime: z.number().nullable().optional(),
  keys: z.strictObject({ p256dh: shortText, auth: shortText }),
});
const cancelled = z.strictObject({ ...subscription.partial().shape, endpoint: shortText }).optional();

interface PushSubscriptionRoutesDeps {
  database: Database;
  push: PushRegistration;
  links: Links;
  linkAuth: LinkAuthenticator;
  idempotency: Idempotency;
  clock: () => Date;
}

type Reader = ReturnType<Database['read']>;

export function pushSubscriptionRoutes(deps: PushSubscriptionRoutesDeps): Route[] {
  const { database, push, links, linkAuth, idempotency, clock } = deps;
  const auth = linkAuth.authenticate('subscribe', 'device');

  return [
    route({
      method: 'GET',
      path: '/v1/push/public-key',
      auth: 'open',
      handler: async () => jsonAnswer(200, { public_key: push.publicKey }),
    }),
    route({
      method: 'GET',
      path: '/v1/push/invitation',
      auth,
      async handler({ caller }) {
        const reader = database.read();
        const user = await userOf(reader, linkClaims(caller));
        const company = await findRow(reader, Company, { id: user.company_id });
        const { id: user_id, name: user_name, role, locale } = user;
        return jsonAnswer(200, {
          company_name: company?.name ?? '',
          ...{ user_id, user_name, role, locale },
          public_key: push.publicKey,
        });
      },
    }),
    route({
      method: 'POST',
      path: '/v1/push-subscriptions',
      auth,
      body: subscription,
      async handler({ body: { endpoint, keys }, caller, idempotency: claim }) {
        const refusal = await checkSubscription({ endpoint, ...keys }, push.allowedHosts, push.resolve);
        if (refusal) throw invalidField(fieldOf(refusal), WORDS[refusal]);
        return idempotency.run(claim, database.write, async (tx) => {
          const { id: user_id, company_id } = await userOf(tx, linkClaims(caller));
          const device = { company_id, user_id, endpoint, ...keys, vapid_key: push.publicKey };
          const { isNew, ...saved } = await saveDevice(tx, device, { now: clock(), maxDevices: MAX_DEVICES });
          const { vapid_key } = device;
          const device_token = links.deviceToken({ id: user_id, company_id });
          const { id, created_at } = saved;
          return jsonAnswer(isNew ? 201 : 200, {
            ...{ id, company_id, user_id, endpoint, vapid_key, created_at, device_token },
          });
        });
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/push-subscriptions',
      auth,
      query: z.strictObject({ endpoint: shortText.optional() }),
      body: cancelled,
      async handler({ body, query, caller }) {
        const endpoint = body?.endpoint ?? query.endpoint;
        if (endpoint === undefined) throw invalidField('endpoint', 'is required');
        await database.write((tx) => removeDevice(tx, linkClaims(caller).user_id, endpoint));
        return NO_CONTENT;
      },
    }),
  ];
}

/** @throws {Problem} 401 when the user is gone or erased. */
async function userOf(reader: Reader, { user_id, company_id }: LinkClaims) {
  const user = await findRow(reader, User, { id: user_id, company_id });
  if (!user || user.erased_at !== null) throw deadLink();
  return user;
}

const WORDS: Record<SubscriptionRefusal, string> = {
  too_long: 'is too long',
  not_https: 'must be an https URL',
  malformed: 'must be a plain URL',
  has_credentials: 'must hold no user or password',
  host_not_allowed: 'must be of a push service that is allowed here',
  port_not_allowed: 'must be on a port that is allowed here',
  private_address: 'must be of a push service with a public address',
  bad_p256dh: 'must be a point on P-256 in base64url',
  bad_auth: 'must be 16 bytes in base64url',
};

function fieldOf(refusal: SubscriptionRefusal): string {
  if (refusal === 'bad_p256dh') return 'keys.p256dh';
  return refusal === 'bad_auth' ? 'keys.auth' : 'endpoint';
}
