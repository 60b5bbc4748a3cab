import type { TestContext } from 'node:test';
import { loadLinkSecret } from '#src/links/link-secret.ts';
import { createLinkSigner } from '#src/links/link-signer.ts';
import { createLinks } from '#src/links/links.ts';
import { openSalon, type Person, type Salon } from '../support/salon.ts';
import { startVestnik, type Vestnik } from '../support/vestnik.ts';

const HOSTILE_AD =
  '<h2>Весна в подарок</h2><p>Скидка 20 % на уход: <a href="https://salon.example/spa">записаться</a></p>' +
  '<script>document.title = "owned"</script><img src=x onerror="document.title = \'owned\'">';

/** A salon with an ad that is not to be trusted, a booking of Ivan's, and the links that people are sent. */
export interface LinkedSalon {
  vestnik: Vestnik;
  salon: Salon;
  booking_id: number;
  bookingUrl(person: Person): string;
  /** A fresh one. */
  subscribeUrl(person: Person): Promise<string>;
}

export async function openLinkedSalon(t: TestContext): Promise<LinkedSalon> {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { companyId: company_id, people } = salon;
  const ad = { company_id, name: 'Ad', content_tg: 'x', content_html: HOSTILE_AD };
  const { id: ad_template_id } = await vestnik.create('/v1/ad-templates', ad);
  const key = { event_type: 'booking_created', recipient_role: 'client' };
  await vestnik.create('/v1/notification-settings', { company_id, ...key, channel: 'web_push', ad_template_id });
  const { id: booking_id } = await salon.book('admin');
  const links = createLinks({
    signer: createLinkSigner({ secret: await loadLinkSecret(vestnik.dataDir) }),
    publicUrl: vestnik.url,
    botUsername: () => null,
    clock: () => new Date(),
  });
  const starts_at = new Date('2027-01-28T11:00:00Z');
  return {
    ...{ vestnik, salon, booking_id },
    bookingUrl: (person) =>
      links.bookingUrl({
        company_id,
        user_id: people[person].id,
        booking_id,
        starts_at,
        event_type: 'booking_created',
      }),
    subscribeUrl: async (person) => (await vestnik.create(`/v1/users/${people[person].id}/link`, {})).subscribe_url,
  };
}
