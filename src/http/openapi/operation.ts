import type { z } from 'zod';
import type { ProblemCode } from '../problem.ts';
import type { Method } from '../route.ts';

/** Such as `POST /v1/bookings`. */
export type OperationKey = `${Method} /${string}`;

/** What stands in the place of each parameter. */
type Values = Record<string, string | number | boolean>;

/** An answer that is not a refusal. */
interface Success {
  description: string;
  /** Absent for no body. It names every member, though the answer may one day have more. */
  schema?: z.ZodType;
  example?: unknown;
  /** `application/json` unless said; then the body is text. */
  contentType?: string;
  /** It has an ETag of its own making. */
  hasTag?: true;
}

/** What is said of a route beyond what its schemas say. */
export interface Operation {
  /** The name of the call in generated clients, unique. */
  operationId: string;
  /** One line, without a full stop. */
  summary: string;
  /** Markdown (CommonMark). */
  description?: string;
  /** Instead of the route's own schema, where that one says less. */
  body?: z.ZodType;
  /** A POST whose answer is made anew each time, whatever its Idempotency-Key. */
  keepsNoAnswer?: true;
  /** The X-Initiated-By headers mean something here. */
  initiator?: true;
  /** In the order in which a fresh database accepts them, with those of the other operations before. */
  examples?: { params?: Values; query?: Values; bodies?: Record<string, unknown> };
  answers: Record<number, Success>;
  /** Refusals beside those that every such route has. */
  problems?: readonly ProblemCode[];
}

/** The operations of one kind, and the schemas that are named in the document. */
export interface Area {
  /** As it stands in the table of contents. */
  name: string;
  description: string;
  schemas?: Record<string, z.ZodType>;
  operations: Record<OperationKey, Operation>;
}
