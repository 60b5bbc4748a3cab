import { z } from 'zod';
import type { Database, Sql } from '../../db/database.ts';
import { Location, User } from '../../db/entities.ts';
import { findRow } from '../../db/rows.ts';
import { deleteSchedule, findSchedule, type ScheduleOwner, saveSchedule } from '../../db/schedules.ts';
import type { Scope } from '../../domain/scopes.ts';
import { effectiveHours, workingHoursSchema } from '../../domain/working-hours.ts';
import { jsonAnswer, NO_CONTENT } from '../answer.ts';
import { requireMatch } from '../conditional.ts';
import { idParams, idText } from '../fields.ts';
import { invalidField, Problem } from '../problem.ts';
import { type Route, route } from '../route.ts';
import { owned } from '../tenancy.ts';
import { refuseErased } from './people.ts';

interface ScheduleRoutesDeps {
  database: Database;
  clock: () => Date;
}

/** One kind of owner. */
interface Owners {
  path: string;
  /** What a key needs to set the hours. */
  scope: Scope;
  query: z.ZodType<{ location_id?: number | undefined }>;
  ownerOf(id: number): ScheduleOwner;
  /** @throws {Problem} 404; 409 for one who has been erased, 422 for one who does not work. */
  check(sql: Sql, id: number, location_id?: number): Promise<void>;
  /** @throws {Problem} 404. */
  companyOf(sql: Sql, id: number): Promise<number>;
}

const specialists: Owners = {
  path: '/v1/users/{id}/schedule',
  scope: 'people:write',
  /** The location in which the hours of one who has none of their own are looked up. */
  query: z.strictObject({ location_id: idText.exactOptional() }),
  ownerOf: (user_id) => ({ user_id }),
  async check(sql, id, location_id) {
    const user = await findUser(sql, id);
    refuseErased(user);
    if (user.role === 'client') throw invalidField('id', 'must be of a user whose role is specialist or admin');
    if (location_id === undefined) return;
    const location = await findRow(sql, Location, { id: location_id, company_id: user.company_id });
    if (!location) throw invalidField('location_id', 'must be a location of this company');
  },
  companyOf: async (sql, id) => (await findUser(sql, id)).company_id,
};

const locations: Owners = {
  path: '/v1/locations/{id}/schedule',
  scope: 'settings:write',
  query: z.strictObject({}),
  ownerOf: (location_id) => ({ location_id }),
  async check(sql, id) {
    await findLocation(sql, id);
  },
  companyOf: async (sql, id) => (await findLocation(sql, id)).company_id,
};

/** Working hours: a GET always answers the hours that count and whose they are. */
export function scheduleRoutes(deps: ScheduleRoutesDeps): Route[] {
  return [...routesOf(specialists, deps), ...routesOf(locations, deps)];
}

function routesOf(owners: Owners, { database, clock }: ScheduleRoutesDeps): Route[] {
  const { path, scope, query, ownerOf, check, companyOf } = owners;
  const company = owned<{ params: { id: number } }>(({ params }) => companyOf(database.read(), params.id), notFound);
  async function view(sql: Sql, owner: ScheduleOwner, location_id?: number) {
    const own = await findSchedule(sql, owner);
    const location = location_id === undefined ? null : await findSchedule(sql, { location_id });
    const { hours, source } = effectiveHours({ own: own?.hours ?? null, location: location?.hours ?? null });
    const updated_at = { own: own?.updated_at, location: location?.updated_at, default: undefined }[source] ?? null;
    return jsonAnswer(200, { ...owner, ...hours, source, updated_at });
  }

  return [
    route({
      method: 'GET',
      path,
      auth: { scope: 'read', company },
      params: idParams,
      query,
      tagged: true,
      async handler({ params: { id }, query: { location_id } }) {
        const reader = database.read();
        await check(reader, id, location_id);
        return view(reader, ownerOf(id), location_id);
      },
    }),
    route({
      method: 'PUT',
      path,
      auth: { scope, company },
      params: idParams,
      body: workingHoursSchema,
      tagged: true,
      handler: ({ params: { id }, body: hours, ifMatch }) =>
        database.write(async (tx) => {
          await check(tx, id);
          await requireMatch(ifMatch, () => view(tx, ownerOf(id)));
          await saveSchedule(tx, ownerOf(id), { hours, updated_at: clock() });
          return view(tx, ownerOf(id));
        }),
    }),
    route({
      method: 'DELETE',
      path,
      auth: { scope, company },
      params: idParams,
      tagged: true,
      handler: ({ params: { id }, ifMatch }) =>
        database.write(async (tx) => {
          await companyOf(tx, id);
          await requireMatch(ifMatch, () => view(tx, ownerOf(id)));
          await deleteSchedule(tx, ownerOf(id));
          return NO_CONTENT;
        }),
    }),
  ];
}

async function findUser(sql: Sql, id: number) {
  const user = await findRow(sql, User, { id });
  if (!user) throw notFound();
  return user;
}

async function findLocation(sql: Sql, id: number) {
  const location = await findRow(sql, Location, { id });
  if (!location) throw notFound();
  return location;
}

const notFound = () => new Problem('not_found', 'nothing has this id');
