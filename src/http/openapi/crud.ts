import type { z } from 'zod';
import type { ProblemCode } from '../problem.ts';
import type { Area, Operation, OperationKey } from './operation.ts';
import { MERGE_PATCH, onePage, pageOf } from './shapes.ts';

interface Resource {
  /** Such as `/v1/services`. */
  path: `/${string}`;
  /** Name of its schema, and end of the operations' ids: `Service`. */
  schema: string;
  /** As people say it: `a service`, `services`. */
  one: string;
  many: string;
  item: z.ZodType;
  /** What answers show; made by the first body. */
  example: Record<string, unknown>;
  /** Of POST. */
  bodies: Record<string, unknown>;
  /** Of PATCH. */
  change: Record<string, unknown>;
  /** The id of the last body's, which nothing refers to. */
  spare: number;
  query?: Record<string, string | number | boolean>;
  notes?: string;
  /** It has columns that no two may share. */
  isUnique?: boolean;
  /** Of PATCH. */
  changeProblems?: readonly ProblemCode[];
  nothingRefersToIt?: boolean;
}

/** What is said of GET, POST of the collection, and GET, PATCH, DELETE of an item. */
export function crudOperations(resource: Resource): Area['operations'] {
  const { path, schema, one, many, item, example, isUnique } = resource;
  const problems: readonly ProblemCode[] = isUnique ? ['already_exists'] : [];
  const params = { id: Number(example.id) };
  const operation = (verb: string, rest: Omit<Operation, 'operationId'>): Operation => ({
    operationId: `${verb}${schema}`,
    ...rest,
  });
  const operations: [OperationKey, Operation][] = [
    [
      `GET ${path}`,
      operation('list', {
        summary: `List ${many}`,
        examples: { query: resource.query ?? { company_id: 1 } },
        answers: { 200: { description: `A page of ${many}`, schema: pageOf(item), example: onePage(example) } },
      }),
    ],
    [
      `POST ${path}`,
      operation('create', {
        summary: `Create ${one}`,
        ...(resource.notes !== undefined && { description: resource.notes }),
        examples: { bodies: resource.bodies },
        answers: { 201: { description: 'What was created', schema: item, example } },
        problems,
      }),
    ],
    [
      `GET ${path}/{id}`,
      operation('get', {
        summary: `Get ${one}`,
        examples: { params },
        answers: { 200: { description: 'It', schema: item, example } },
      }),
    ],
    [
      `PATCH ${path}/{id}`,
      operation('change', {
        summary: `Change ${one}`,
        description: MERGE_PATCH,
        examples: { params, bodies: { change: resource.change } },
        answers: {
          200: { description: 'It, as it is now', schema: item, example: { ...example, ...resource.change } },
        },
        problems: [...problems, ...(resource.changeProblems ?? [])],
      }),
    ],
    [
      `DELETE ${path}/{id}`,
      operation('delete', {
        summary: `Delete ${one}`,
        examples: { params: { id: resource.spare } },
        answers: { 204: { description: 'It is gone' } },
        problems: resource.nothingRefersToIt ? [] : ['in_use'],
      }),
    ],
  ];
  return Object.fromEntries(operations);
}
