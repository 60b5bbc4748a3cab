import type { BookingService } from '../bookings/booking-service.ts';
import type { BroadcastService } from '../broadcast/broadcast-service.ts';
import type { Database } from '../db/database.ts';
import type { DeadLetterService } from '../dead-letters/dead-letter-service.ts';
import type { EventPublisher } from '../dispatch/event-publisher.ts';
import type { Explain } from '../explain/explanation.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { LinkSigner } from '../links/link-signer.ts';
import type { Links } from '../links/links.ts';
import type { Logger } from '../observability/log.ts';
import type { ErasePerson } from '../people/erase-person.ts';
import type { ExportPerson } from '../people/export-person.ts';
import { createLinkAuthenticator } from './auth.ts';
import { createCostlyWork } from './costly-work.ts';
import { createIdempotency } from './idempotency.ts';
import type { LiveFeed, ReadLiveBroadcasts } from './live/live-feed.ts';
import type { Route } from './route.ts';
import { bookingPageRoutes } from './routes/booking-page.ts';
import { bookingScheduleRoutes } from './routes/booking-schedule.ts';
import { bookingRoutes } from './routes/bookings.ts';
import { broadcastRoutes } from './routes/broadcasts.ts';
import { deadLetterRoutes } from './routes/dead-letters.ts';
import { deliveryRoutes } from './routes/deliveries.ts';
import { eventRoutes } from './routes/events.ts';
import { liveRoutes } from './routes/live.ts';
import { type MetricsText, metricsRoutes } from './routes/metrics.ts';
import { pageRoutes } from './routes/pages.ts';
import { peopleRoutes } from './routes/people.ts';
import { type PushRegistration, pushSubscriptionRoutes } from './routes/push-subscriptions.ts';
import { resourceRoutes } from './routes/resources.ts';
import { scheduleRoutes } from './routes/schedules.ts';
import { settingMatrixRoutes } from './routes/setting-matrix.ts';
import { slotRoutes } from './routes/slots.ts';
import { userLinkRoutes } from './routes/user-links.ts';
import { webhookEndpointRoutes } from './routes/webhook-endpoints.ts';
import { webhookMessageRoutes } from './routes/webhook-messages.ts';
import type { WebhookTargets } from './webhook-targets.ts';

/** What the rest of the product must have started before the API can work. */
export interface ApiDeps {
  /** False leaves only health and metrics, which every process has. */
  serveApi: boolean;
  database: Database;
  keys: Pick<KeyRing, 'find'>;
  bookings: BookingService;
  broadcasts: BroadcastService;
  publishEvents: EventPublisher['publish'];
  deadLetters: DeadLetterService;
  explain: Explain;
  exportPerson: ExportPerson;
  erasePerson: ErasePerson;
  liveBroadcasts: ReadLiveBroadcasts;
  metrics: () => Promise<MetricsText>;
  push: PushRegistration;
  webhooks: WebhookTargets;
  linkSigner: LinkSigner;
  links: Links;
  clock: () => Date;
}

interface ApiRoutesDeps extends ApiDeps {
  feed: LiveFeed;
  log: Logger;
  maxListeners?: number;
  maxCompanyListeners?: number;
  /** Unique, at most 128 visible ASCII characters. */
  newId: () => string;
}

/** Everything but health. */
export function apiRoutes(deps: ApiRoutesDeps): Route[] {
  const metrics = metricsRoutes(deps.metrics);
  if (!deps.serveApi) return metrics;
  const idempotency = createIdempotency(deps);
  const costly = createCostlyWork();
  const linkAuth = createLinkAuthenticator({ signer: deps.linkSigner, clock: deps.clock });
  return [
    ...metrics,
    ...bookingRoutes({ ...deps, idempotency }),
    ...bookingScheduleRoutes(deps),
    ...broadcastRoutes({ ...deps, idempotency }),
    ...eventRoutes({ ...deps, idempotency }),
    ...deadLetterRoutes({ ...deps, idempotency }),
    ...deliveryRoutes({ ...deps, costly }),
    ...peopleRoutes({ ...deps, idempotency, costly }),
    ...resourceRoutes({ ...deps, idempotency }),
    ...settingMatrixRoutes(deps),
    ...scheduleRoutes(deps),
    ...slotRoutes(deps),
    ...liveRoutes(deps),
    ...webhookEndpointRoutes({ ...deps, idempotency }),
    ...webhookMessageRoutes({ ...deps, idempotency }),
    ...userLinkRoutes({ ...deps, idempotency }),
    ...pushSubscriptionRoutes({ ...deps, idempotency, linkAuth }),
    ...bookingPageRoutes({ ...deps, idempotency, linkAuth }),
    ...pageRoutes(),
  ];
}
