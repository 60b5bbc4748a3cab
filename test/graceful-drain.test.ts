import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Booking } from '#src/db/entities.ts';
import { openSalon, type Salon } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';
import { startWatchedApp } from './support/watched-app.ts';

const CONNECTIONS = 50;

/** What one client saw: the answers of its connection, and how the connection ended. */
interface Seen {
  booked: number[];
  statuses: number[];
  /** Undefined where the next request found nobody listening any more, or the connection closed before it was sent. */
  broken?: string;
}

interface Posted {
  status: number;
  text: string;
  closes: boolean;
}

/** Sent over a connection that is kept open. Rejects when it breaks; `isReused` and no byte of an answer means it was closed in between. */
function post(agent: Agent, url: string, vestnik: Vestnik, body: object): Promise<Posted> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/v1/bookings`, {
      agent,
      method: 'POST',
      headers: { authorization: `Bearer ${vestnik.env.ADMIN_API_KEY}`, 'content-type': 'application/json' },
    });
    sent.on('error', (error) => reject(Object.assign(error, { isReused: sent.reusedSocket })));
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text, closes: response.headers.connection === 'close' }),
      );
    });
    sent.end(JSON.stringify(body));
  });
}

/** Books on one connection, a pause between two, until the server ends it. */
async function bookUntilClosed(
  vestnik: Vestnik,
  salon: Salon,
  url: string,
  { client, pauseMs }: { client: number; pauseMs: number },
): Promise<Seen> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const seen: Seen = { booked: [], statuses: [] };
  try {
    for (let n = 0; ; n += 1) {
      const starts_at = new Date(Date.UTC(2027, 0, 4) + (n * CONNECTIONS + client) * 3_600_000).toISOString();
      const answer = await post(agent, url, vestnik, {
        company_id: salon.companyId,
        client_id: salon.people.client.id,
        specialist_id: salon.people.specialist.id,
        service_id: salon.serviceId,
        starts_at,
        allow_overlap: true,
        notify: false,
      });
      seen.statuses.push(answer.status);
      if (answer.status === 201) seen.booked.push(JSON.parse(answer.text).id);
      if (answer.closes) return seen;
      if (pauseMs > 0) await sleep(pauseMs);
    }
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    // Nobody listens: nothing was sent.
    if (code !== 'ECONNREFUSED') seen.broken = code;
    return seen;
  } finally {
    agent.destroy();
  }
}

describe('a process that is told to end', () => {
  for (const pauseMs of [0, 60])
    test(`answers every request that it was sent, ${pauseMs} ms apart, and has kept what it said`, async (t) => {
      const vestnik = await startVestnik(t, { env: { ROLES: 'api' } });
      const salon = await openSalon(vestnik);
      const app = await startWatchedApp(t, { ...vestnik.env, ROLES: 'api', LOG_LEVEL: 'info' });
      const clients = Array.from({ length: CONNECTIONS }, (_, client) =>
        bookUntilClosed(vestnik, salon, app.url, { client, pauseMs }),
      );
      await sleep(1_000);
      const code = await app.terminate();
      const seen = await Promise.all(clients);
      assert.equal(code, 0, app.output());
      assert.deepEqual(
        seen.flatMap(({ broken }) => broken ?? []),
        [],
      );
      const statuses = new Set(seen.flatMap((client) => client.statuses));
      statuses.delete(201);
      statuses.delete(503);
      assert.deepEqual([...statuses], []);
      const booked = seen.flatMap((client) => client.booked);
      assert.equal(booked.length > CONNECTIONS, true);
      const rows = await vestnik.database.read().find(Booking, {}, { fields: ['id'] });
      const kept = new Set(rows.map(({ id }) => id));
      assert.deepEqual(
        booked.filter((id) => !kept.has(id)),
        [],
      );
    });
});
