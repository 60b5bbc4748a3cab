import { z } from 'zod';
import type { Database } from '../../db/database.ts';
import type { DeadLetterService } from '../../dead-letters/dead-letter-service.ts';
import { formatLetterId, parseLetterId } from '../../dead-letters/letter-id.ts';
import { companyOfLetter } from '../../dead-letters/letter-view.ts';
import { WORK_STREAMS } from '../../domain/lanes.ts';
import { type Answer, jsonAnswer, NO_CONTENT } from '../answer.ts';
import { companyOf } from '../auth.ts';
import { idText } from '../fields.ts';
import type { Idempotency } from '../idempotency.ts';
import { cursorOf, encodeCursor, pageQuery } from '../page.ts';
import { Problem } from '../problem.ts';
import { type Route, route } from '../route.ts';
import { byHandler, inQuery, owned } from '../tenancy.ts';

const MAX_IDS = 1_000;

/** A stream by its name here or by its key in Redis. */
const stream = z
  .enum([...WORK_STREAMS, ...WORK_STREAMS.map((lane) => `events:${lane}` as const)])
  .transform((name) => WORK_STREAMS.find((lane) => name.endsWith(lane)));

const listQuery = z.strictObject({
  limit: pageQuery.limit,
  cursor: cursorOf(parseLetterId).optional(),
  stream: stream.optional(),
  company_id: idText.optional(),
});

const replayBody = z
  .strictObject({
    ids: z
      .array(z.string().refine((text) => parseLetterId(text) !== null, 'must be the id of a dead letter'))
      .min(1)
      .max(MAX_IDS)
      .optional(),
    all: z.literal(true).optional(),
    stream: stream.optional(),
  })
  .superRefine(({ ids, all, stream }, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if ((ids === undefined) === (all === undefined)) refuse('ids', 'is required, or else "all": true');
    if (ids !== undefined && stream !== undefined) refuse('stream', 'goes with "all" only: an id names its stream');
  });

/** Clients may escape the colons of an id. */
const letterParams = z.strictObject({
  id: z.string().transform((text) => text.replace(/%3a/gi, ':')),
});

interface DeadLetterRoutesDeps {
  database: Database;
  deadLetters: DeadLetterService;
  idempotency: Idempotency;
}

export function deadLetterRoutes({ database, deadLetters, idempotency }: DeadLetterRoutesDeps): Route[] {
  const ofLetter = owned<{ params: { id: string } }>(async ({ params }) => {
    const letter = await deadLetters.get(params.id);
    return letter && companyOfLetter(letter);
  }, noSuchLetter);

  async function replay({ ids, stream }: z.infer<typeof replayBody>, company_id: number | undefined): Promise<Answer> {
    if (ids === undefined)
      return jsonAnswer(200, {
        replayed: await deadLetters.handleAll('replay', { lane: stream, company_id }),
        missing: [],
      });
    const { done, missing } = await deadLetters.handle('replay', ids, company_id);
    return jsonAnswer(200, { replayed: done, missing });
  }

  return [
    route({
      method: 'GET',
      path: '/v1/dead-letters',
      auth: { scope: 'read', company: inQuery },
      query: listQuery,
      async handler({ query: { limit, cursor, stream, company_id } }) {
        const { items, next } = await deadLetters.list({ lane: stream, company_id, limit, after: cursor });
        return jsonAnswer(200, { items, next_cursor: next && encodeCursor(formatLetterId(next)) });
      },
    }),
    route({
      method: 'GET',
      path: '/v1/dead-letters/{id}',
      auth: { scope: 'read', company: ofLetter },
      params: letterParams,
      async handler({ params }) {
        const letter = await deadLetters.get(params.id);
        if (!letter) throw noSuchLetter();
        return jsonAnswer(200, letter);
      },
    }),
    route({
      method: 'POST',
      path: '/v1/dead-letters/replay',
      auth: { scope: 'dead-letters:write', company: byHandler },
      body: replayBody,
      async handler({ body, caller, idempotency: claim }) {
        const stored = claim && (await idempotency.recall(database.read(), claim));
        if (stored) return stored;
        const answer = await replay(body, companyOf(caller));
        return claim ? await idempotency.run(claim, database.write, async () => answer) : answer;
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/dead-letters/{id}',
      auth: { scope: 'dead-letters:write', company: ofLetter },
      params: letterParams,
      async handler({ params }) {
        const { done } = await deadLetters.handle('discard', [params.id]);
        if (done === 0) throw noSuchLetter();
        return NO_CONTENT;
      },
    }),
  ];
}

const noSuchLetter = () => new Problem('not_found', 'there is no dead letter with this id');
