import { ApiError, badRequest } from './api-error.ts';

/** A request's parameters by name: strings from a query or a form, any JSON value from a JSON body. */
export type Parameters = Record<string, unknown>;

/** Merges the query and the body as the server does: a parameter in the body wins (Bot API, "Making requests"). */
export function readParameters(query: string, contentType: string, body: string): Parameters {
  const fromQuery = query === '' ? {} : Object.fromEntries(new URLSearchParams(query));
  if (body === '') return fromQuery;
  if (contentType.includes('application/json')) {
    const fromBody = readJsonBody(body);
    return query === '' ? fromBody : { ...fromQuery, ...fromBody };
  }
  if (contentType.includes('application/x-www-form-urlencoded'))
    return { ...fromQuery, ...Object.fromEntries(new URLSearchParams(body)) };
  if (contentType.includes('multipart/form-data'))
    throw new ApiError(415, 'Unsupported Media Type: this simulator takes no multipart/form-data');
  return fromQuery;
}

function readJsonBody(body: string): Parameters {
  const value = parseJson(body, () => badRequest("can't parse parameter value"));
  if (!isObject(value)) throw badRequest('JSON object expected');
  return value;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseJson(text: string, failure: () => ApiError): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    if (cause instanceof SyntaxError) throw failure();
    throw cause;
  }
}

/** A parameter as text; an absent one is empty, a JSON number or boolean its spelling. */
export function textParameter(parameters: Parameters, name: string): string {
  const value = parameters[name];
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A parameter that is a JSON value, sent as such or spelled as a string; undefined when absent. */
export function jsonParameter(parameters: Parameters, name: string, failure: () => ApiError): unknown {
  const value = parameters[name];
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'string' ? parseJson(value, failure) : value;
}

/** Reads a number as the server does: the leading digits, 0 when there are none. */
export function integerParameter(parameters: Parameters, name: string): number {
  const value = parameters[name];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  return Number(/^\s*(-?\d{1,15})/.exec(textParameter(parameters, name))?.[1] ?? 0);
}

export function integerWithin(
  parameters: Parameters,
  name: string,
  { absent, min, max }: { absent: number; min: number; max: number },
): number {
  const given = textParameter(parameters, name) === '' ? absent : integerParameter(parameters, name);
  return Math.min(Math.max(given, min), max);
}

export const booleanParameter = (parameters: Parameters, name: string): boolean =>
  ['true', 'yes', '1'].includes(textParameter(parameters, name).toLowerCase());
