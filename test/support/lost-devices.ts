import { createECDH } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { InferEntity } from '@mikro-orm/core';
import { makeCertificates } from '#sandbox/push/certificates.ts';
import type { Database } from '#src/db/database.ts';
import { PushSubscription, User } from '#src/db/entities.ts';
import { chunksOf } from '#src/db/statement.ts';

/** Users of whom many have lost their devices, and a push service that knows which. Users are numbered from 0. */

const DEVICES = 5;
/** Of ten users eight have lost all their devices, one all but the last, and one none. */
const LOST_OF_TEN = [...Array<number>(8).fill(DEVICES), DEVICES - 1, 0];
const LOST_BY_TEN = 8 * DEVICES + DEVICES - 1;
const FIRST_USER_ID = 1000;
const NOW = new Date('2026-01-20T09:00:00.000Z');

/** How many users have lost at least so many devices together; whole tens. */
export const usersWithLost = (devices: number): number => 10 * Math.ceil(devices / LOST_BY_TEN);

export const userIdOf = (user: number): number => FIRST_USER_ID + user;

export const numbersBelow = (count: number): number[] => Array.from({ length: count }, (_, number) => number);

export const hasLostAll = (user: number): boolean => LOST_OF_TEN[user % 10] === DEVICES;

export function devicesOf(host: string, user: number): { isLost: boolean; endpoint: string }[] {
  const lost = LOST_OF_TEN[user % 10] ?? 0;
  return numbersBelow(DEVICES).map((device) => {
    const isLost = device < lost;
    return { isLost, endpoint: `https://${host}/${isLost ? 'lost' : 'alive'}/${user}-${device}` };
  });
}

export async function insertUsers(
  database: Database,
  count: number,
  { company_id, host, vapid_key }: { company_id: number; host: string; vapid_key: string },
): Promise<void> {
  const p256dh = createECDH('prime256v1').generateKeys('base64url');
  const keys = { p256dh, auth: Buffer.alloc(16, 7).toString('base64url'), vapid_key };
  const person = {
    company_id,
    role: 'client',
    name: 'Иван',
    locale: 'ru',
    ads_opt_out: false,
    created_at: NOW,
  } as const;
  for (const users of chunksOf(numbersBelow(count)))
    await database.write(async (tx) => {
      await tx.insertMany<InferEntity<typeof User>>(
        User,
        users.map((user) => ({ ...person, id: userIdOf(user) })),
      );
      await tx.insertMany<InferEntity<typeof PushSubscription>>(
        PushSubscription,
        users.flatMap((user) =>
          devicesOf(host, user).map(({ endpoint }) => {
            return { company_id, user_id: userIdOf(user), endpoint, ...keys, created_at: NOW };
          }),
        ),
      );
    });
}

/** Takes what is for a device that is alive, and answers 410 for one that is lost. Lighter than the sandbox's, which decrypts. */
export async function startHonestPushService(t: TestContext) {
  const { ca, cert, key } = await makeCertificates('localhost');
  const open = new Set<Socket>();
  const seen = { requests: 0, connections: 0, connectionsAtOnce: 0 };
  const server = createServer({ cert, key }, (request, response) => {
    seen.requests += 1;
    request.resume().once('end', () => response.writeHead(request.url?.startsWith('/lost/') ? 410 : 201).end());
  });
  server.on('secureConnection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    seen.connections += 1;
    seen.connectionsAtOnce = Math.max(seen.connectionsAtOnce, open.size);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return { host: `localhost:${(server.address() as AddressInfo).port}`, ca, seen };
}
