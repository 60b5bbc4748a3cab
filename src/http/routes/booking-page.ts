import { z } from 'zod';
import { BookingRefused } from '../../bookings/booking-refused.ts';
import type { BookingService } from '../../bookings/booking-service.ts';
import { type BookingPageFacts, findBookingPage, findPageSettings } from '../../db/booking-page.ts';
import type { Database } from '../../db/database.ts';
import { wasAsked } from '../../db/no-show-ladder.ts';
import { isConfirmed, isOpen } from '../../domain/bookings.ts';
import type { RecipientRole } from '../../domain/events.ts';
import { roleInBooking } from '../../domain/permissions.ts';
import { adIsShown, settingFor } from '../../domain/settings.ts';
import type { LinkClaims } from '../../links/link-signer.ts';
import type { Links } from '../../links/links.ts';
import { legalLine } from '../../messages/legal-line.ts';
import { PLAIN_TEXTS } from '../../messages/texts.ts';
import { type Answer, jsonAnswer, NO_CONTENT } from '../answer.ts';
import { deadLink, type LinkAuthenticator, linkClaims } from '../auth.ts';
import { bookingCalendarFile } from '../booking-calendar-file.ts';
import { instant } from '../fields.ts';
import type { Idempotency, IdempotencyClaim } from '../idempotency.ts';
import { Problem } from '../problem.ts';
import { type Route, route } from '../route.ts';
import { sanitizeAd } from '../sanitize-ad.ts';

/** What `initiated_by.channel` says of a cancellation on the page. */
const PAGE_CHANNEL = 'web';
/** Part of the UIDs in calendars, so it stays the same wherever the product is served. */
const CALENDAR_HOST = 'vestnik';

interface BookingPageDeps {
  database: Database;
  bookings: BookingService;
  links: Links;
  linkAuth: LinkAuthenticator;
  idempotency: Idempotency;
  clock: () => Date;
}

type Reader = ReturnType<Database['read']>;
interface Page {
  facts: BookingPageFacts;
  role: RecipientRole;
}

/** One booking for one person concerned with it, by the link that they were sent. */
export function bookingPageRoutes(deps: BookingPageDeps): Route[] {
  const { database, bookings, links, linkAuth, idempotency, clock } = deps;
  const auth = linkAuth.authenticate('booking');

  async function pageAnswer(reader: Reader, claims: LinkClaims): Promise<Answer> {
    const page = await pageOf(reader, claims);
    const ad_html = await adOf(reader, page, claims, clock());
    const ad_legal = ad_html && legalLine(page.facts, PLAIN_TEXTS[page.facts.reader.locale]);
    const calendar_url = links.calendarPath(claims);
    const can_confirm = await mayConfirm(reader, page, clock());
    return jsonAnswer(200, { ...view(page, clock()), can_confirm, ad_html, ad_legal, calendar_url });
  }

  async function cancel(tx: Reader, claims: LinkClaims, trace: string): Promise<void> {
    const { facts, role } = await pageOf(tx, claims);
    if (facts.starts_at <= clock() && facts.status === 'created')
      throw new Problem('booking_closed', 'the booking has begun');
    const initiator = { user_id: facts.reader.id, role, channel: PAGE_CHANNEL };
    await bookings.cancel(tx, facts.id, initiator, trace);
  }

  async function confirm(tx: Reader, claims: LinkClaims, starts_at: Date): Promise<void> {
    const { facts, role } = await pageOf(tx, claims);
    if (role !== 'client') throw new Problem('forbidden', 'that they come is for the client to say');
    if (facts.starts_at.getTime() !== starts_at.getTime())
      throw new Problem('precondition_failed', 'the booking has been moved meanwhile');
    await bookings.confirm(tx, facts.id);
  }

  /** The page names people, who may be erased: for the key nothing of it is kept, and a repetition gets it as it is then. */
  async function acted(
    claim: IdempotencyClaim | undefined,
    claims: LinkClaims,
    act: (tx: Reader) => Promise<void>,
  ): Promise<Answer> {
    const { headers } = await idempotency.run(claim, bookings.commit, async (tx) => {
      await act(tx);
      return NO_CONTENT;
    });
    return { ...(await pageAnswer(database.read(), claims)), ...(headers && { headers }) };
  }

  return [
    route({
      method: 'GET',
      path: '/v1/my/booking',
      auth,
      handler: ({ caller }) => pageAnswer(database.read(), linkClaims(caller)),
    }),
    route({
      method: 'POST',
      path: '/v1/my/booking/cancel',
      auth,
      body: z.strictObject({}).optional(),
      handler({ caller, idempotency: claim, trace }) {
        const claims = linkClaims(caller);
        return acted(claim, claims, (tx) => cancel(tx, claims, trace));
      },
    }),
    route({
      method: 'POST',
      path: '/v1/my/booking/confirm',
      auth,
      // As the page showed it: nobody confirms a time that they have not seen.
      body: z.strictObject({ starts_at: instant }),
      handler({ caller, idempotency: claim, body }) {
        const claims = linkClaims(caller);
        return acted(claim, claims, (tx) => confirm(tx, claims, body.starts_at));
      },
    }),
    route({
      method: 'GET',
      path: '/booking.ics',
      auth: 'open',
      query: z.strictObject({ token: z.string() }),
      async handler({ query }) {
        const { facts } = await pageOf(database.read(), linkAuth.claimsOf(query.token, ['calendar']));
        return {
          status: 200,
          text: bookingCalendarFile(facts, CALENDAR_HOST),
          contentType: 'text/calendar; charset=utf-8',
          headers: {
            'content-disposition': `attachment; filename="booking-${facts.id}.ics"`,
            'x-content-type-options': 'nosniff',
          },
        };
      },
    }),
  ];
}

/** @throws {Problem} 401 when the person is gone; 404 when the booking is, or is no longer theirs. */
async function pageOf(reader: Reader, { company_id, user_id, booking_id }: LinkClaims): Promise<Page> {
  if (booking_id === null) throw deadLink();
  const facts = await findBookingPage(reader, { company_id, user_id, booking_id });
  const role = facts && roleInBooking(facts.reader, facts);
  if (!facts || !role) throw new BookingRefused({ code: 'booking_not_found' });
  return { facts, role };
}

/** The ad that goes with what the person was told over Web Push; null for none. */
async function adOf(
  reader: Reader,
  { facts: { company_id, reader: person }, role: recipient_role }: Page,
  { event_type }: LinkClaims,
  now: Date,
): Promise<string | null> {
  if (event_type === null || person.ads_opt_out) return null;
  const rows = await findPageSettings(reader, { company_id, event_type, recipient_role });
  const { enabled, ad_template_id } = settingFor(rows, { event_type, recipient_role, channel: 'web_push' });
  const ad = rows.find((row) => row.ad_template_id === ad_template_id)?.ad;
  if (!enabled || !ad || ad.content_html === null || !adIsShown(ad, now)) return null;
  return sanitizeAd(ad.content_html) || null;
}

/** The client has been asked about the time that the page shows, and has not answered yet; the link may be of another one. */
async function mayConfirm(reader: Reader, { facts, role }: Page, now: Date): Promise<boolean> {
  if (role !== 'client' || !isOpen(facts, now) || isConfirmed(facts)) return false;
  return await wasAsked(reader, facts, facts.ladder);
}

/** The client's name and phone are for those who serve them. */
function view({ facts, role }: Page, now: Date) {
  const { client_name, client_phone } = facts;
  return {
    id: facts.id,
    status: facts.status,
    version: facts.version,
    starts_at: facts.starts_at,
    ends_at: facts.ends_at,
    duration_min: facts.duration_min,
    time_zone: facts.time_zone,
    company_name: facts.company_name,
    service_name: facts.service_name,
    specialist_name: facts.specialist_name,
    location_name: facts.location_name,
    client: role === 'client' ? null : { name: client_name, phone: client_phone },
    role,
    locale: facts.reader.locale,
    can_cancel: isOpen(facts, now),
    is_confirmed: facts.status === 'created' && isConfirmed(facts),
  };
}
