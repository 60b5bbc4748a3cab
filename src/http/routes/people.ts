import { z } from 'zod';
import type { Database } from '../../db/database.ts';
import { User } from '../../db/entities.ts';
import { findRow } from '../../db/rows.ts';
import type { ErasePerson } from '../../people/erase-person.ts';
import type { ExportPerson } from '../../people/export-person.ts';
import { jsonAnswer } from '../answer.ts';
import type { CostlyWork } from '../costly-work.ts';
import { idParams } from '../fields.ts';
import type { Idempotency } from '../idempotency.ts';
import { Problem } from '../problem.ts';
import { type Route, route } from '../route.ts';
import { owned } from '../tenancy.ts';

const emptyBody = z.strictObject({}).optional();
const noSuchUser = () => new Problem('not_found', 'nothing has this id');

/** @throws {Problem} 409: nobody writes to what is left of a person. */
export function refuseErased({ erased_at }: { erased_at?: unknown }): void {
  if (erased_at) throw new Problem('user_erased', 'the user has been erased');
}

/** What is kept of a person: to be given to them, and to be removed. */
export function peopleRoutes(deps: {
  database: Database;
  exportPerson: ExportPerson;
  erasePerson: ErasePerson;
  idempotency: Idempotency;
  costly: CostlyWork;
}): Route[] {
  const { database, exportPerson, erasePerson, idempotency, costly } = deps;
  const company = owned<{ params: { id: number } }>(
    async ({ params }) => (await findRow(database.read(), User, { id: params.id }))?.company_id,
    noSuchUser,
  );
  return [
    route({
      method: 'POST',
      path: '/v1/users/{id}/export',
      auth: { scope: 'people:write', company },
      params: idParams,
      body: emptyBody,
      // It changes nothing and is full of what must not lie about: no answer is kept for its key.
      async handler(request) {
        const person = await costly(request, () => exportPerson(request.params.id));
        if (!person) throw noSuchUser();
        return jsonAnswer(200, person);
      },
    }),
    route({
      method: 'POST',
      path: '/v1/users/{id}/erase',
      auth: { scope: 'people:write', company },
      params: idParams,
      body: emptyBody,
      async handler({ params, idempotency: claim }) {
        const stored = claim && (await idempotency.recall(database.read(), claim));
        if (stored) return stored;
        const erasure = await erasePerson(params.id);
        if (!erasure) throw noSuchUser();
        const answer = jsonAnswer(200, erasure);
        return claim ? await idempotency.run(claim, database.write, async () => answer) : answer;
      },
    }),
  ];
}
