import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiClient, ApiError } from '../api-client.ts';
import { createStatusLine } from '../progress-bar.ts';
import { type BroadcastAnswer, hasEnded, readBroadcast } from './broadcast-answer.ts';
import { broadcastLine, broadcastText } from './broadcast-text.ts';

const REFRESH_MS = 500;

/**
 * Shows how the broadcast goes until it ends, or until Ctrl-C, which the broadcast does not notice. A service that is away
 * for a while is waited for.
 */
export async function watchBroadcast(api: ApiClient, id: number, { json }: { json?: true }): Promise<void> {
  const ending = new AbortController();
  const end = () => ending.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  const line = createStatusLine();
  let last: BroadcastAnswer | undefined;
  let lastText = '';
  let isAway = false;

  async function look(): Promise<void> {
    const answer = await api.call('GET', `/v1/broadcasts/${id}`, { signal: ending.signal });
    last = readBroadcast(answer);
    isAway = false;
    line.show(broadcastLine(last, new Date()));
    const text = `${JSON.stringify(answer)}\n`;
    if (json && text !== lastText) process.stdout.write(text);
    lastText = text;
  }

  try {
    while (!ending.signal.aborted && !(last && hasEnded(last))) {
      await look().catch((error: unknown) => {
        if (ending.signal.aborted) return;
        if (!(error instanceof ApiError && error.mayPass)) throw error;
        line.finish();
        if (!isAway) process.stderr.write(`${error.message}\n`);
        isAway = true;
      });
      if (!(last && hasEnded(last)))
        await sleep(REFRESH_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  } finally {
    line.finish();
    process.off('SIGINT', end).off('SIGTERM', end);
  }
  if (last && !json) process.stdout.write(broadcastText(last));
}
