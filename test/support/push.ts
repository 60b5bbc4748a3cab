import dns from 'node:dns';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createPushService, type RunningPushService } from '#sandbox/push/push-service.ts';
import type { VirtualBrowser, VirtualSubscription } from '#sandbox/push/virtual-browser.ts';
import type { PushNotification } from '#src/channels/web-push/push-notification.ts';
import { generateVapidKeys } from '#src/channels/web-push/vapid-keys.ts';
import { PushSubscription } from '#src/db/entities.ts';
import { Delivery } from '#src/db/event-entities.ts';
import { findRows, type Row } from '#src/db/rows.ts';
import { openSalon, type Person, type Salon } from './salon.ts';
import { startVestnik, type Vestnik } from './vestnik.ts';

/** A push service of the test's own, and what an app needs to use it. */
export interface TestPush extends RunningPushService {
  env: Record<string, string>;
  /** Subscribes a device of the person's, as the page would. */
  subscribe(vestnik: Vestnik, salon: Salon, person: Person, browser: VirtualBrowser): Promise<VirtualSubscription>;
  /** Until the answer is called nobody finds it: its name does not resolve. Connections that stand are not touched. */
  hide(): () => void;
}

export async function startPush(t: TestContext): Promise<TestPush> {
  const folder = await mkdtemp(join(tmpdir(), 'vestnik-push-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const caFile = join(folder, 'ca.pem');
  const vapid = generateVapidKeys();
  const service = createPushService({ caFile });
  t.after(() => service.stop());
  const running = await service.start();
  const { host, hostname } = new URL(running.endpointOrigin);

  return {
    ...running,
    env: {
      VAPID_PUBLIC_KEY: vapid.publicKey,
      VAPID_PRIVATE_KEY: vapid.privateKey,
      PUSH_ALLOWED_HOSTS: host,
      PUSH_CA_FILE: caFile,
      PUBLIC_URL: 'https://salon.example/',
    },
    async subscribe(vestnik, { companyId: company_id, people }, person, browser) {
      const subscription = browser.subscribe(vapid.publicKey);
      const { endpoint, keys } = subscription;
      const row = { endpoint, ...keys, vapid_key: vapid.publicKey, created_at: new Date() };
      await vestnik.database.write((tx) =>
        tx.insert(PushSubscription, { company_id, user_id: people[person].id, ...row }),
      );
      return subscription;
    },
    hide() {
      const { lookup } = dns;
      const failing = (name: string, ...rest: unknown[]) => {
        if (name !== hostname) return Reflect.apply(lookup, dns, [name, ...rest]);
        const done = rest.at(-1) as (error: Error) => void;
        done(Object.assign(new Error('the name server is away'), { code: 'EAI_AGAIN' }));
      };
      const { mock } = t.mock.method(dns, 'lookup', failing as typeof lookup);
      return () => mock.restore();
    },
  };
}

/** What came in, oldest first. */
export function received(browser: VirtualBrowser): PushNotification[] {
  return browser.notifications().map(({ payload }) => JSON.parse(payload ?? '').notification);
}

/** What the device shows: of each tag the newest. */
export function onScreen(browser: VirtualBrowser): Pick<PushNotification, 'title' | 'body'>[] {
  const byTag = new Map(received(browser).map((notification) => [notification.tag, notification]));
  return [...byTag.values()].map(({ title, body }) => ({ title, body }));
}

export function devicesOf(vestnik: Vestnik, salon: Salon, person: Person): Promise<Row<typeof PushSubscription>[]> {
  return findRows(vestnik.database.read(), PushSubscription, { user_id: salon.people[person].id });
}

/** For a client with a chat. */
export const WITH_TELEGRAM = {};

/** A salon whose client has no Telegram, unless `client` says so, and one browser. */
export async function openPushSalon(
  t: TestContext,
  client: object = { tg_id: null },
  env: Record<string, string> = {},
) {
  const push = await startPush(t);
  const vestnik = await startVestnik(t, { env: { ...push.env, ...env } });
  const salon = await openSalon(vestnik, { client });
  const browser = push.createVirtualBrowser();
  const subscription = await push.subscribe(vestnik, salon, 'client', browser);
  return { push, vestnik, salon, browser, subscription };
}

/** The fate of a message that arrived. */
export const DELIVERED = { status: 'delivered', channel: 'web_push', reason: null, attempts: 1 };

/** The fate of a message that could be sent over no channel. */
export const suppressed = (reason: string) => ({ status: 'suppressed', channel: null, reason, attempts: 1 });

/** What the delivery log says of the client, event by event. */
export async function fatesSoFar(vestnik: Vestnik, salon: Salon) {
  const rows = await findRows(vestnik.database.read(), Delivery, { user_id: salon.people.client.id });
  return rows.map(({ status, channel, reason, attempts }) => ({ status, channel, reason, attempts }));
}

/** As `fatesSoFar`, once every event is settled. */
export async function fates(vestnik: Vestnik, salon: Salon) {
  await vestnik.settled();
  return await fatesSoFar(vestnik, salon);
}

/** What the client was sent over Telegram, accepted or not. */
export function telegramSends(vestnik: Vestnik, salon: Salon) {
  const { chat } = salon.people.client;
  return vestnik.telegram
    .requests()
    .filter(({ method, parameters }) => method === 'sendmessage' && Number(parameters.chat_id) === chat);
}
