import { writeFile } from 'node:fs/promises';
import { createWatchers } from '#sandbox/telegram/watchers.ts';
import { createBoundedList } from './bounded-list.ts';
import type { Certificates } from './certificates.ts';
import { createFaultScript, type Fault, type FaultOptions, type FaultTarget } from './faults.ts';
import { type Acknowledgement, type FirefoxServer, startFirefoxServer } from './firefox-server.ts';
import { createPushEndpoint } from './push-endpoint.ts';
import type { RecordedPush } from './request-log.ts';
import { createSubscriptions } from './subscriptions.ts';
import { startTlsServer } from './tls-server.ts';
import { createVapidGate } from './vapid.ts';
import { createVirtualBrowser, type VirtualBrowser, type VirtualBrowserOptions } from './virtual-browser.ts';

export interface PushServiceOptions {
  /** 0, the default: any free port. */
  port?: number;
  /** Of the WebSocket; 0, the default: any free port. */
  websocketPort?: number;
  /** The host of the endpoints, `localhost` by default; another name is also put into the certificate. It listens on 127.0.0.1. */
  hostname?: string;
  /** For `hostname`; new ones by default. */
  certificates?: Certificates;
  /** Where the authority's certificate is written, for PUSH_CA_FILE. */
  caFile?: string;
  /** How many requests are kept on record, 10,000 by default; 0 for none. */
  keepRequests?: number;
  /** Unix time in milliseconds. */
  wallClock?: () => number;
}

/** A push service for application servers over TLS, and for browsers, virtual ones and real Firefoxes. */
export interface PushService {
  /** A second call gives what the first gave. @throws when a port is taken; nothing is left open then. */
  start(): Promise<RunningPushService>;
  /** Ends every connection at once; for good. Idempotent. */
  stop(): Promise<void>;
}

export interface RunningPushService {
  /** `https://localhost:PORT`: what endpoints begin with, and the `aud` of a VAPID token. */
  endpointOrigin: string;
  /** `ws://127.0.0.1:PORT/`, for Firefox's preference dom.push.serverURL. */
  websocketUrl: string;
  /** The authority's certificate, PEM. */
  ca: string;
  /** Where it was written, if asked for. */
  caFile: string | undefined;
  createVirtualBrowser(options?: VirtualBrowserOptions): VirtualBrowser;
  /** The real ones. */
  firefox: Pick<FirefoxServer, 'connected' | 'disconnectAll' | 'forgetAll'> & {
    /** Oldest first, the last 1,000. */
    acknowledgements(): Acknowledgement[];
  };
  /** Scripts a fault; the answer takes it back. */
  fault(target: FaultTarget, fault: Fault, options?: FaultOptions): () => void;
  clearFaults(target?: FaultTarget): void;
  /** Oldest first. */
  requests(): RecordedPush[];
  clearRequests(): void;
  /** Calls back after every request and message of a browser. */
  onProgress(listener: () => void): () => void;
  /**
   * Waits until `probe` gives something other than undefined, null or false; it is asked again after every request and
   * message of a browser.
   * @throws after `timeoutMs` (5,000 by default), and when the service stops.
   */
  until<T>(probe: () => T | undefined | null | false, options?: { timeoutMs?: number }): Promise<T>;
}

const KEEP_REQUESTS = 10_000;
const KEEP_ACKNOWLEDGEMENTS = 1_000;

export function createPushService(options: PushServiceOptions = {}): PushService {
  const stopping = new AbortController();
  const closers: (() => Promise<void>)[] = [];
  let starting: Promise<RunningPushService> | undefined;
  const close = async (): Promise<void> => {
    await Promise.all(closers.splice(0).map((closeOne) => closeOne()));
  };
  return {
    start() {
      starting ??= run(options, { stopping: stopping.signal, closers }).catch(async (error: unknown) => {
        await close();
        throw error;
      });
      return starting;
    },
    async stop() {
      stopping.abort();
      await Promise.allSettled([starting]);
      await close();
    },
  };
}

async function run(
  {
    port = 0,
    websocketPort = 0,
    hostname = 'localhost',
    certificates,
    caFile,
    keepRequests,
    wallClock = Date.now,
  }: PushServiceOptions,
  { stopping, closers }: { stopping: AbortSignal; closers: (() => Promise<void>)[] },
): Promise<RunningPushService> {
  const { poke, until } = createWatchers(stopping);
  const listeners = new Set<() => void>();
  const onProgress = (): void => {
    poke();
    for (const listener of listeners) listener();
  };
  const tls = await startTlsServer({ hostname, port, certificates, closers });
  const { origin } = tls;
  const subscriptions = createSubscriptions({ origin });
  const faults = createFaultScript();
  const log = createBoundedList<RecordedPush>(keepRequests ?? KEEP_REQUESTS);
  const vapid = createVapidGate({ origin, wallClock });
  const { transportOf } = tls;
  const answer = createPushEndpoint({ origin, subscriptions, vapid, faults, log, wallClock, transportOf, onProgress });
  tls.server.on('request', answer);

  const acknowledgements = createBoundedList<Acknowledgement>(KEEP_ACKNOWLEDGEMENTS);
  const firefox = await startFirefoxServer({
    ...{ port: websocketPort, subscriptions, acknowledgements, wallClock, onProgress },
  });
  closers.push(firefox.stop);
  if (caFile !== undefined) await writeFile(caFile, tls.ca);

  return {
    endpointOrigin: origin,
    websocketUrl: firefox.url,
    ca: tls.ca,
    caFile,
    createVirtualBrowser: (browser) => createVirtualBrowser({ subscriptions, wallClock, onProgress }, browser),
    firefox: { ...firefox, acknowledgements: acknowledgements.all },
    fault: faults.add,
    clearFaults: faults.clear,
    requests: log.all,
    clearRequests: log.clear,
    onProgress(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    until,
  };
}
