import { systemClock } from '#streams/clock.ts';
import {
  ApiError,
  blockedByUser,
  cannotParseEntities,
  chatMigrated,
  chatNotFound,
  tooManyRequests,
  unauthorized,
  userDeactivated,
} from './api-error.ts';
import { type Exchange, idOf, okReply } from './exchange.ts';
import type { Fault } from './faults.ts';

const BAD_GATEWAY_PAGE =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n' +
  '<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n';

type SpoiltAnswer = Extract<Fault, { kind: 'reset_after' | 'malformed_json' | 'slow' }>;

/**
 * Ends an exchange in the way a fault says. `run` lets the method take effect; a method that refuses is answered as
 * always. `stopping` ends with the server: what is still delayed then is dropped.
 */
export async function meetFault(
  exchange: Exchange,
  fault: Fault,
  run: () => unknown,
  stopping: AbortSignal,
): Promise<void> {
  switch (fault.kind) {
    case 'blocked':
      return exchange.fail(blockedByUser());
    case 'deactivated':
      return exchange.fail(userDeactivated());
    case 'chat_not_found':
      return exchange.fail(chatNotFound());
    case 'cant_parse_entities':
      return exchange.fail(cannotParseEntities());
    case 'unauthorized':
      return exchange.fail(unauthorized());
    case 'server_error':
      return exchange.fail(new ApiError(500, 'Internal Server Error'));
    case 'too_many_requests':
      return exchange.fail(tooManyRequests(fault.retryAfter));
    case 'migrated':
      return exchange.fail(chatMigrated(fault.to));
    case 'bad_gateway':
      exchange.settle({ status: 502, accepted: false, description: 'Bad Gateway' });
      return exchange.send({ status: 502, body: BAD_GATEWAY_PAGE, contentType: 'text/html' });
    case 'hang':
      return exchange.settle({ status: 0, accepted: false, description: 'hang' });
    case 'reset_before':
      exchange.settle({ status: 0, accepted: false, description: 'reset' });
      return exchange.reset();
    case 'reset_after':
    case 'malformed_json':
    case 'slow':
      return await spoilAnswer(exchange, fault, run, stopping);
    default:
      fault satisfies never;
  }
}

async function spoilAnswer(
  exchange: Exchange,
  fault: SpoiltAnswer,
  run: () => unknown,
  stopping: AbortSignal,
): Promise<void> {
  let result: unknown;
  try {
    result = await run();
  } catch (error) {
    return exchange.fail(error);
  }
  const reply = okReply(result);
  const outcome = { status: 200, accepted: true, description: fault.kind, ...idOf(result) };
  switch (fault.kind) {
    case 'reset_after':
      exchange.settle({ ...outcome, status: 0 });
      return exchange.reset();
    case 'malformed_json':
      exchange.settle(outcome);
      return exchange.send({ ...reply, body: reply.body.slice(0, Math.floor(reply.body.length / 2)) });
    case 'slow': {
      exchange.settle(outcome);
      if (await systemClock.sleep(fault.ms, stopping)) exchange.send(reply);
      return;
    }
    default:
      fault satisfies never;
  }
}
