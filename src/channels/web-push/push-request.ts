import type { Dispatcher } from 'undici';
import type { Expiry } from './expiry.ts';

/** More than any service says; the connection of one that says more is given up. */
const ANSWER_MAX_BYTES = 4096;
/** The status is the answer: what follows it may not take longer than this. */
const ANSWER_BODY_DEADLINE_MS = 1000;

/** What became of one request. */
export type PushExchange =
  | { kind: 'answered'; status: number; retryAfter: string | null; text: string }
  /** Not a byte of it was written. */
  | { kind: 'unsent'; code: string }
  /** It was written, perhaps in part. */
  | { kind: 'unanswered'; code: string };

export interface PushRequest {
  /** Where the dispatcher serves more than one. */
  origin?: string;
  path: string;
  /** Names and values in turn: undici takes them as they are. */
  headers: string[];
  body: Buffer;
}

type Headers = Record<string, string | string[] | undefined>;

/** One POST, never repeated, redirects not followed. Resolves at the latest when the send expires; never rejects. */
export function postOnce(dispatcher: Dispatcher, request: PushRequest, expiry: Expiry): Promise<PushExchange> {
  return new Promise((resolve) => {
    let controller: Dispatcher.DispatchController | null = null;
    let answer: { status: number; retryAfter: string | null } | null = null;
    let bodyTimer: NodeJS.Timeout | undefined;
    let isSettled = false;
    let received = 0;
    const chunks: Buffer[] = [];

    function settle(lostBy: string): void {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(bodyTimer);
      if (answer) resolve({ kind: 'answered', ...answer, text: Buffer.concat(chunks).toString() });
      else resolve({ kind: controller ? 'unanswered' : 'unsent', code: lostBy });
    }
    function giveUp(why: string): void {
      settle(why);
      controller?.abort(new Error(why));
    }

    expiry.tell(giveUp);
    if (isSettled) return;
    dispatcher.dispatch(
      { method: 'POST', ...request },
      {
        /** undici calls this with a connection at hand, just before it writes. */
        onRequestStart(started) {
          if (isSettled) started.abort(new Error('given up'));
          else controller = started;
        },
        onResponseStart(_controller, status, headers: Headers) {
          if (status < 200) return;
          const retryAfter = headers['retry-after'];
          answer = { status, retryAfter: typeof retryAfter === 'string' ? retryAfter : null };
          if (!isSettled) bodyTimer = setTimeout(giveUp, ANSWER_BODY_DEADLINE_MS, 'body_deadline');
        },
        onResponseData(_controller, chunk) {
          received += chunk.length;
          if (received > ANSWER_MAX_BYTES) giveUp('body_too_long');
          else chunks.push(chunk);
        },
        onResponseEnd: () => settle(''),
        onResponseError: (_controller, error) => settle(codeOf(error)),
      },
    );
  });
}

/** Node's and undici's codes; their messages may hold the endpoint. */
function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
