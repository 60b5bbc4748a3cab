import assert from 'node:assert/strict';
import { insertApiKey } from '#src/db/api-keys.ts';
import { SCOPES } from '#src/domain/scopes.ts';
import { OPERATIONS } from '#src/http/openapi/areas.ts';
import { digestOf, newApiKey, prefixOf } from '#src/keys/api-key.ts';
import { createLinkSigner } from '#src/links/link-signer.ts';
import { walkOrder } from '../openapi/walk.ts';
import { eventually } from '../support/eventually.ts';
import { ADMIN_KEY, type HostileApp, startHostileApp } from './hostile-app.ts';
import { assertCivil } from './judge.ts';
import { type RawAnswer, rawRequest } from './raw-socket.ts';
import { jsonRequest, request } from './requests.ts';

/** Stands in every text of a company that the company's key is not of, and in no request. */
export const CANARY = 'Canary';
const LINK_SECRET = 'a-secret-of-thirty-two-characters';

/** An app in which the ids 1 to 6 mostly exist, and what opens its routes. */
export interface FuzzWorld {
  app: HostileApp;
  /** Of the company 1. */
  companyKey: string;
  /** By the description's names. */
  keys: Record<string, string[]>;
}

export async function openFuzzWorld(): Promise<FuzzWorld> {
  const app = await startHostileApp({ LINK_SECRET });
  const send = async (bytes: Buffer): Promise<RawAnswer> => {
    const answer = await rawRequest(app.port, bytes);
    assert.ok(answer);
    assertCivil(answer, bytes.toString());
    return answer;
  };
  await fill(send);
  const { company_id, user_id, booking_id } = { company_id: 1, user_id: 1, booking_id: 1 };
  const signer = createLinkSigner({ secret: Buffer.from(LINK_SECRET) });
  const tokens = (['subscribe', 'device', 'booking', 'calendar'] as const).map((purpose) => {
    const ofBooking = purpose === 'booking' || purpose === 'calendar';
    const about = ofBooking
      ? ({ booking_id, event_type: 'booking_created' } as const)
      : { booking_id: null, event_type: null };
    return signer.sign({ purpose, company_id, user_id, ...about }, new Date(Date.now() + 3_600_000));
  });
  const companyKey = newApiKey();
  const row = { company_id, name: 'crm', prefix: prefixOf(companyKey), hash: digestOf(companyKey).toString('hex') };
  await app.database.write((tx) =>
    insertApiKey(tx, { ...row, scopes: [...SCOPES], created_at: new Date(), expires_at: null }),
  );
  await eventually(async () =>
    assert.equal((await send(request('GET', '/v1/companies', { key: companyKey }))).status, 200),
  );
  return { app, companyKey, keys: { apiKey: [ADMIN_KEY, companyKey], linkToken: [...tokens, ADMIN_KEY] } };
}

/** What the examples of the description make, and a company beside it. */
async function fill(send: (bytes: Buffer) => Promise<RawAnswer>): Promise<void> {
  const creations = walkOrder().filter((key) => /^POST [\w/-]+$/.test(key) && !/push|events|replay|preview/.test(key));
  for (const key of creations)
    for (const body of Object.values(OPERATIONS.get(key)?.operation.examples?.bodies ?? {}))
      await send(jsonRequest('POST', key.replace('POST ', ''), body));
  const make = async (path: string, body: object): Promise<number> => {
    const { status, text } = await send(jsonRequest('POST', path, { name: CANARY, ...body }));
    assert.equal(status, 201, text);
    return JSON.parse(text).id;
  };
  const company_id = await make('/v1/companies', { time_zone: 'UTC' });
  await make('/v1/locations', { company_id });
  await make('/v1/ad-templates', { company_id, content_tg: CANARY });
  const [client_id, specialist_id] = [
    await make('/v1/users', { company_id, role: 'client', phone: CANARY }),
    await make('/v1/users', { company_id, role: 'specialist' }),
  ];
  const service_id = await make('/v1/services', { company_id, duration_min: 60 });
  const booking = {
    company_id,
    client_id,
    specialist_id,
    service_id,
    starts_at: '2027-01-04T10:00:00Z',
    external_id: CANARY,
  };
  assert.equal((await send(jsonRequest('POST', '/v1/bookings', booking))).status, 201);
}
