import { z } from 'zod';
import type { Database } from '../../db/database.ts';
import { Company } from '../../db/entities.ts';
import { findRow } from '../../db/rows.ts';
import { errorCode } from '../../observability/error-code.ts';
import type { Logger } from '../../observability/log.ts';
import type { Socket, SocketPeer } from '../answer.ts';
import { idText } from '../fields.ts';
import type { LiveFeed } from '../live/live-feed.ts';
import { connectListener } from '../live/live-listener.ts';
import { Problem } from '../problem.ts';
import { unavailable } from '../problem-of.ts';
import { type Route, route } from '../route.ts';
import { namedInQuery } from '../tenancy.ts';

/** How many listen to one process at most. */
const MAX_LISTENERS = 1_000;
/** And to one company of them, so that no company takes the places of all others. */
const MAX_COMPANY_LISTENERS = 50;
/** RFC 6455, section 7.4.2: a code of our own. */
const UNKNOWN_COMPANY = 4404;
const KEY_ENDED = 4401;

interface LiveRoutesDeps {
  database: Database;
  feed: LiveFeed;
  log: Logger;
  maxListeners?: number;
  maxCompanyListeners?: number;
}

/** A WebSocket that tells how a company's broadcasts go. */
export function liveRoutes(deps: LiveRoutesDeps): Route[] {
  const { database, feed, log, maxListeners = MAX_LISTENERS, maxCompanyListeners = MAX_COMPANY_LISTENERS } = deps;
  const live = route({
    method: 'GET',
    path: '/v1/live',
    auth: { scope: 'read', company: namedInQuery },
    query: z.strictObject({ company_id: idText }),
    // No I/O in here: what `Upgrade` says.
    async handler({ query: { company_id }, caller }) {
      if (feed.listeners() >= maxListeners) throw unavailable(`${maxListeners} clients listen already`);
      if (feed.listeners(company_id) >= maxCompanyListeners)
        throw unavailable(`${maxCompanyListeners} clients listen to this company already`);
      return {
        status: 101,
        socket(socket) {
          const peer = connectListener(socket, feed, company_id);
          void closeUnlessThere(socket, company_id);
          return caller.kind === 'company' ? closedWithKey(socket, peer, caller.ended) : peer;
        },
      };
    },
  });

  async function closeUnlessThere(socket: Socket, company_id: number): Promise<void> {
    try {
      const company = await findRow(database.read(), Company, { id: company_id });
      if (!company) socket.close(UNKNOWN_COMPANY, 'there is no company with this id');
    } catch (error) {
      log.warn({ reason: errorCode(error) }, 'a listener was let in without a look at its company');
    }
  }

  return [
    {
      ...live,
      prepare(request) {
        if (!request.asksForSocket) throw upgradeRequired();
        return live.prepare(request);
      },
    },
  ];
}

/** Who loses their key hears no more. */
function closedWithKey(socket: Socket, peer: SocketPeer, ended: AbortSignal): SocketPeer {
  const close = () => socket.close(KEY_ENDED, 'the API key is no longer valid');
  ended.addEventListener('abort', close, { once: true });
  return {
    drained: peer.drained,
    closed() {
      ended.removeEventListener('abort', close);
      peer.closed();
    },
  };
}

/** RFC 9110, section 15.5.22, and RFC 6455, section 4.4. */
function upgradeRequired(): Problem {
  return new Problem('upgrade_required', 'open it as a WebSocket (RFC 6455, version 13)', {
    headers: { upgrade: 'websocket', connection: 'upgrade', 'sec-websocket-version': '13' },
  });
}
