import type { TestContext } from 'node:test';
import { Composer } from 'grammy';
import type { BotContext } from '#src/bot/bot-context.ts';
import { commandHandlers } from '#src/bot/commands.ts';
import { linkingHandlers } from '#src/bot/linking.ts';
import type { Database } from '#src/db/database.ts';
import { Booking, Company, Location, Service, User } from '#src/db/entities.ts';
import { findRow, type Row } from '#src/db/rows.ts';
import { DEFAULT_QUIET_HOURS, encodeQuietHours } from '#src/domain/quiet-hours.ts';
import { createLinkSigner, type LinkClaims, type LinkSigner } from '#src/links/link-signer.ts';
import { openTestDatabase } from './database.ts';
import { createTestBot, type TestBot } from './handler-bot.ts';

export type UserRow = Row<typeof User>;
export type CompanyRow = Pick<Row<typeof Company>, 'id' | 'name' | 'time_zone'>;

/** The bot's handlers for people, on a database of the test's own. */
export interface PeopleBot {
  bot: TestBot;
  database: Database;
  signer: LinkSigner;
  company(name?: string, timeZone?: string): Promise<CompanyRow>;
  user(company: CompanyRow, role: UserRow['role'], change?: Partial<UserRow>): Promise<UserRow>;
  userNow(id: number): Promise<UserRow | null>;
  /** An hour of work at the company, by its only service. */
  book(company: CompanyRow, people: { client: UserRow; specialist: UserRow }, change: BookingChange): Promise<number>;
  location(company: CompanyRow, name: string, timeZone?: string | null): Promise<number>;
  /** `/start` with a link of the user's. */
  linkOf(user: UserRow, change?: { expiresAt?: Date } & Partial<LinkClaims>): string;
}

type BookingChange = { starts_at: Date } & Partial<Pick<Row<typeof Booking>, 'status' | 'location_id'>>;

const HOUR_MS = 3_600_000;

export async function openPeopleBot(t: TestContext, given?: Database): Promise<PeopleBot> {
  const database = given ?? (await openTestDatabase(t));
  const signer = createLinkSigner({ secret: Buffer.alloc(32, 7) });
  const composer = new Composer<BotContext>();
  composer.use(linkingHandlers({ linkSigner: signer }), commandHandlers());
  const bot = createTestBot(t, composer, database);
  const created_at = bot.now;
  const services = new Map<number, number>();

  const serviceOf = async (company_id: number): Promise<number> => {
    const service = { company_id, external_id: null, name: 'Стрижка', duration_min: 60, created_at };
    const id = services.get(company_id) ?? (await database.write((tx) => tx.insert(Service, service)));
    services.set(company_id, id);
    return id;
  };

  return {
    bot,
    database,
    signer,
    async company(name = 'Весна', time_zone = 'Europe/Moscow') {
      const id = await database.write((tx) => tx.insert(Company, { name, time_zone, created_at }));
      return { id, name, time_zone };
    },
    async user({ id: company_id }, role, change = {}) {
      const row = {
        ...{ company_id, role, name: 'Иван Петров', locale: 'ru' as const, ads_opt_out: false, tg_id: null },
        ...{
          external_id: null,
          phone: null,
          time_zone: null,
          quiet_hours: encodeQuietHours(DEFAULT_QUIET_HOURS),
          telegram_unreachable: null,
          web_push_unreachable: null,
          created_at,
          erased_at: null,
        },
        ...change,
      };
      return { ...row, id: await database.write((tx) => tx.insert(User, row)) };
    },
    userNow: (id) => findRow(database.read(), User, { id }),
    async book({ id: company_id }, { client, specialist }, { starts_at, status = 'created', location_id = null }) {
      const service_id = await serviceOf(company_id);
      const ends_at = new Date(starts_at.getTime() + HOUR_MS);
      const people = { company_id, client_id: client.id, specialist_id: specialist.id, service_id };
      const facts = { starts_at, ends_at, duration_min: 60, status, version: 1, location_id, external_id: null };
      const row = { ...people, ...facts, created_at, updated_at: created_at };
      return await database.write((tx) => tx.insert(Booking, row));
    },
    location: ({ id: company_id }, name, time_zone = null) =>
      database.write((tx) => tx.insert(Location, { company_id, name, time_zone, created_at })),
    linkOf({ id: user_id, company_id }, { expiresAt, ...claims } = {}) {
      const own: LinkClaims = { purpose: 'telegram_start', company_id, user_id, booking_id: null, event_type: null };
      return `/start ${signer.sign({ ...own, ...claims }, expiresAt ?? new Date(bot.now.getTime() + HOUR_MS))}`;
    },
  };
}

/** What the chat's last message says, and its buttons by their labels. */
export function lastShown(
  { bot }: Pick<PeopleBot, 'bot'>,
  chat: number,
): { text: string; buttons: Record<string, string>; id: number } {
  const message = bot.messages(chat).at(-1);
  const buttons = Object.fromEntries(message?.keyboard.flat().map((one) => [one.text, one.callback_data]) ?? []);
  return { text: message?.text ?? '', buttons, id: message?.message_id ?? 0 };
}
