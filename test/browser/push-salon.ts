import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createPushService, type RunningPushService } from '#sandbox/push/push-service.ts';
import { freePort } from '#src/redis/server-process.ts';
import { openSalon, type Salon } from '../support/salon.ts';
import { startVestnik, type Vestnik } from '../support/vestnik.ts';

export interface PushSalon {
  vestnik: Vestnik;
  /** Its client has no Telegram. */
  salon: Salon;
  push: RunningPushService;
  /** A fresh link for the client. */
  subscribeUrl(): Promise<string>;
}

/** The product and a salon, with a push service of our own that browsers can subscribe at. */
export async function openPushSalon(t: TestContext): Promise<PushSalon> {
  const folder = await mkdtemp(join(tmpdir(), 'vestnik-push-'));
  const service = createPushService({ caFile: join(folder, 'ca.pem') });
  const push = await service.start();
  const vestnik = await startVestnik(t, {
    env: {
      // The same after a restart: a subscription belongs to its origin.
      PORT: String(await freePort()),
      PUSH_ALLOWED_HOSTS: new URL(push.endpointOrigin).host,
      PUSH_CA_FILE: push.caFile ?? '',
    },
  });
  t.after(() => service.stop());
  t.after(() => rm(folder, { recursive: true }));
  const salon = await openSalon(vestnik, { client: { tg_id: null } });
  return {
    vestnik,
    salon,
    push,
    subscribeUrl: async () => (await vestnik.create(`/v1/users/${salon.people.client.id}/link`, {})).subscribe_url,
  };
}
