import type { Redis } from 'ioredis';
import type { Config } from './config.ts';
import { createDeadLetterService } from './dead-letters/dead-letter-service.ts';
import { createEventPublisher } from './dispatch/event-publisher.ts';
import type { LanePartitions } from './dispatch/lanes.ts';
import { createExplain } from './explain/explain.ts';
import type { ApiDeps } from './http/api-routes.ts';
import type { Tracer } from './observability/tracer.ts';
import type { WebPush } from './open-web-push.ts';
import { createErasePerson } from './people/erase-person.ts';
import { createExportPerson } from './people/export-person.ts';
import type { RecentErasures } from './people/recent-erasures.ts';

/** What the API works with and no other part of the app. */
type Made =
  | 'serveApi'
  | 'liveBroadcasts'
  | 'publishEvents'
  | 'deadLetters'
  | 'explain'
  | 'exportPerson'
  | 'erasePerson'
  | 'webhooks'
  | 'push';

export function openApi(
  deps: Omit<ApiDeps, Made> & {
    config: Config;
    /** For events alone: it refuses while Redis is away. */
    events: Redis;
    /** For those who look at streams or move dead letters. */
    operations: Redis;
    partitions: LanePartitions;
    webPush: WebPush;
    erasures: RecentErasures;
    tracer: Tracer;
  },
): ApiDeps {
  const { config, events, operations: redis, webPush } = deps;
  const deadLetters = createDeadLetterService({ ...deps, redis });
  return {
    ...deps,
    serveApi: config.ROLES.includes('api'),
    liveBroadcasts: deps.broadcasts.live,
    publishEvents: createEventPublisher({ ...deps, redis: events }).publish,
    deadLetters,
    explain: createExplain({ ...deps, redis }),
    exportPerson: createExportPerson({ ...deps, redis }),
    erasePerson: createErasePerson({ ...deps, deadLetters }),
    webhooks: { allowedHosts: config.WEBHOOK_ALLOWED_HOSTS ?? [] },
    push: { publicKey: webPush.vapid.publicKey, allowedHosts: webPush.allowedHosts },
  };
}
