import { z } from 'zod';
import type { Database } from '../../db/database.ts';
import { User } from '../../db/entities.ts';
import { findRow } from '../../db/rows.ts';
import type { Links } from '../../links/links.ts';
import { jsonAnswer } from '../answer.ts';
import { idParams } from '../fields.ts';
import type { Idempotency } from '../idempotency.ts';
import { Problem } from '../problem.ts';
import { type Route, route } from '../route.ts';
import { owned } from '../tenancy.ts';
import { refuseErased } from './people.ts';

const noSuchUser = () => new Problem('not_found', 'nothing has this id');

export function userLinkRoutes({
  database,
  links,
  idempotency,
}: {
  database: Database;
  links: Links;
  idempotency: Idempotency;
}): Route[] {
  const ofUser = owned<{ params: { id: number } }>(
    async ({ params }) => (await findRow(database.read(), User, { id: params.id }))?.company_id,
    noSuchUser,
  );
  return [
    route({
      method: 'POST',
      path: '/v1/users/{id}/link',
      auth: { scope: 'people:write', company: ofUser },
      params: idParams,
      body: z.strictObject({}).optional(),
      async handler({ params, idempotency: claim }) {
        const invite = async (reader: ReturnType<Database['read']>) => {
          const user = await findRow(reader, User, { id: params.id });
          if (!user) throw noSuchUser();
          refuseErased(user);
          return jsonAnswer(201, links.invitation(user));
        };
        // A link is signed, not stored: without a key to remember there is nothing to write.
        return claim ? await idempotency.run(claim, database.write, invite) : await invite(database.read());
      },
    }),
  ];
}
