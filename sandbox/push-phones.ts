import { join } from 'node:path';
import { keepCertificates, readCertificates } from './push/kept-certificates.ts';
import { createPushPhone, type PhoneOwner, type PushPhone, type SubscribePage } from './push/push-phone.ts';
import { createPushService, type RunningPushService } from './push/push-service.ts';

/** What an app needs to send to the browsers of the sandbox. */
export interface PushPlace {
  /** What endpoints begin with. */
  origin: string;
  /** The authority to trust, PEM. */
  ca: string;
}

export interface PushPhones extends PushPlace {
  phones: PushPhone[];
  /** Opens the page where the owner's browser subscribes. */
  openPage(page: SubscribePage): Promise<void>;
  stop(): Promise<void>;
}

const HOSTNAME = 'localhost';
const KEEP_REQUESTS = 200;
const HOLD_S = 1;

const certificatesIn = (dataDir: string): string => join(dataDir, 'sandbox-push-certificates.json');

/**
 * A push service, and the browser that subscribes there. The service forgets its subscriptions when it ends, but comes
 * back with its certificate and, where it is free, on its port: apps that outlived it find it again.
 */
export async function startPushPhones(options: {
  dataDir: string;
  owner: PhoneOwner;
  /** Where it was last; null at first. */
  lastOrigin: string | null;
}): Promise<PushPhones> {
  const { dataDir, owner, lastOrigin } = options;
  const certificates = await keepCertificates(certificatesIn(dataDir), HOSTNAME);
  const { service, running } = await startService(
    { hostname: HOSTNAME, certificates, keepRequests: KEEP_REQUESTS },
    lastOrigin,
  );
  const phone = createPushPhone(running, owner);
  // What waited for a browser of an earlier run is meant for this one: nothing is told to be gone before it has subscribed.
  const open = running.fault('all', { kind: 'unavailable', retryAfter: HOLD_S });
  return {
    origin: running.endpointOrigin,
    ca: running.ca,
    phones: [phone],
    async openPage(page) {
      await phone.open(page);
      open();
    },
    stop: service.stop,
  };
}

/** The push service that another sandbox of this folder runs; null when that one has none. */
export async function sharedPushPlace(dataDir: string, origin: string | null): Promise<PushPlace | null> {
  const certificates = await readCertificates(certificatesIn(dataDir));
  return origin === null || certificates === null ? null : { origin, ca: certificates.ca };
}

type ServiceOptions = NonNullable<Parameters<typeof createPushService>[0]>;

async function startService(options: ServiceOptions, lastOrigin: string | null) {
  const start = async (port: number) => {
    const service = createPushService({ ...options, port });
    const running: RunningPushService = await service.start();
    return { service, running };
  };
  const port = lastOrigin === null ? 0 : Number(new URL(lastOrigin).port);
  try {
    return await start(port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return await start(0);
  }
}
