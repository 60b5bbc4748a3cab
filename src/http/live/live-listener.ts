import type { Socket, SocketPeer } from '../answer.ts';
import type { LiveFeed } from './live-feed.ts';

/** How long a client may take to catch up, in milliseconds. */
const CATCH_UP_MS = 30_000;
/** RFC 6455, section 7.4.1: the client may come again. */
const TRY_AGAIN_LATER = 1013;

/**
 * Passes the feed of one company on to one client. While the client reads too slowly it keeps the newest state of each
 * broadcast only; who does not catch up in time is closed.
 */
export function connectListener(
  socket: Socket,
  feed: Pick<LiveFeed, 'listen'>,
  companyId: number,
  catchUpMs = CATCH_UP_MS,
): SocketPeer {
  const missed = new Map<number, string>();
  let deadline: NodeJS.Timeout | undefined;

  function flush(): void {
    for (const [id, message] of missed) {
      if (!socket.send(message)) {
        deadline ??= setTimeout(() => socket.close(TRY_AGAIN_LATER, 'the client reads too slowly'), catchUpMs);
        return;
      }
      missed.delete(id);
    }
    clearTimeout(deadline);
    deadline = undefined;
  }

  const leave = feed.listen(companyId, (id, message) => {
    missed.set(id, message);
    flush();
  });
  return {
    drained: flush,
    closed() {
      leave();
      clearTimeout(deadline);
      missed.clear();
    },
  };
}
