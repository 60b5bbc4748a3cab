import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { ApiError, unauthorized } from './api-error.ts';
import { Exchange, errorReply, send } from './exchange.ts';
import { meetFault } from './fault-effects.ts';
import type { FaultScript } from './faults.ts';
import { type BotMethod, chatIdOf } from './methods.ts';
import { readParameters } from './parameters.ts';
import type { RecordedRequest, RequestLog } from './request-log.ts';

export interface BotRequestsDeps {
  token: string;
  /** By lower-case name. */
  methods: ReadonlyMap<string, BotMethod>;
  faults: FaultScript;
  log: RequestLog;
  wallClock: () => number;
  /** Called when a request is in, and when it has its outcome. */
  onProgress: () => void;
  /** Aborted when the server stops. */
  stopping: AbortSignal;
}

export type BotRequestHandler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const BOT_PATH = /^\/bot([^/]*)\/([^/?]*)(?:\?(.*))?$/;
const TOKEN = /^[1-9]\d{0,15}:[^/]{1,63}$/;

/** Handles `/bot<token>/<method>` once its body is in (Bot API, "Making requests"). */
export function createBotRequests(deps: BotRequestsDeps): BotRequestHandler {
  const { methods, faults, log } = deps;

  return (request, response, body) => {
    const [, token, name = '', query = ''] = BOT_PATH.exec(request.url ?? '') ?? [];
    if (token === undefined) return send(response, errorReply(new ApiError(404, 'Not Found')));
    const record: RecordedRequest = {
      method: name.toLowerCase(),
      parameters: {},
      at: performance.now(),
      wall: deps.wallClock(),
      outcome: null,
    };
    log.add(record);
    deps.onProgress();
    const exchange = new Exchange(request, response, { record, onProgress: deps.onProgress });
    const run = (): unknown => {
      const method = methods.get(record.method);
      if (!method) throw new ApiError(404, 'Not Found: method not found');
      return method(record.parameters, exchange);
    };
    try {
      checkToken(token.replaceAll(/%3a/gi, ':'), deps.token);
      record.parameters = readParameters(query, request.headers['content-type'] ?? '', body);
      record.method ||= String(record.parameters.method ?? '').toLowerCase();
      const fault = faults.next(record.method, chatIdOf(record.parameters));
      if (fault) return void meetFault(exchange, fault, run, deps.stopping);
      const result = run();
      if (result instanceof Promise) finishLater(exchange, result);
      else exchange.succeed(result);
    } catch (error) {
      exchange.fail(error);
    }
  };
}

function finishLater(exchange: Exchange, result: Promise<unknown>): void {
  result.then(
    (value) => exchange.succeed(value),
    (error: unknown) => exchange.fail(error),
  );
}

function checkToken(given: string, expected: string): void {
  if (given === expected) return;
  throw TOKEN.test(given) ? unauthorized() : new ApiError(401, 'Unauthorized: invalid token specified');
}
