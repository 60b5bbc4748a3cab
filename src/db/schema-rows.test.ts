import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { bookingRow, insertBooking, insertCompany } from '#test/support/rows.ts';
import { ApiKey } from './api-key-entity.ts';
import { BotUpdate, Card, UsedLink } from './bot-entities.ts';
import { Broadcast, BroadcastChunk } from './broadcast-entities.ts';
import {
  AdTemplate,
  Booking,
  Company,
  ENTITIES,
  Location,
  NotificationSetting,
  PushSubscription,
  Schedule,
  Service,
  User,
} from './entities.ts';
import { Delivery, IdempotencyKey, OutboxRow } from './event-entities.ts';
import { WebhookEndpoint, WebhookMessage } from './webhook-entities.ts';

const AT = new Date('2026-01-28T11:00:00.123Z');

describeOnEachDatabase('a row of each table', ({ open }) => {
  test('comes back as it was written, to the millisecond', async (t) => {
    const database = await open(t);
    const ids = await database.write(insertCompany);
    const { company_id, client_id: user_id } = ids;
    const booking_id = await database.write((tx) => insertBooking(tx, ids));
    const rows = [
      [
        Company,
        {
          name: `<b>"'?\\?? 👤`,
          time_zone: 'Asia/Tokyo',
          ad_advertiser: 'ООО «Сад»',
          ad_marking_token: null,
          reminders: '[]',
          merge_moves_s: 0,
          day_list_at: null,
          next_day_list_at: AT,
          day_list_after: 7,
          no_show_ladder: '{"ask":1440}',
          created_at: AT,
        },
      ],
      [Location, { company_id, name: 'Центр', time_zone: null, created_at: AT }],
      [Service, { company_id, external_id: 's-1', name: 'Маникюр', duration_min: 45, created_at: AT }],
      [
        User,
        {
          company_id,
          external_id: null,
          role: 'admin',
          name: 'a\nb\r\t',
          phone: null,
          tg_id: 2 ** 52 - 1,
          locale: 'en',
          time_zone: 'Asia/Tokyo',
          quiet_hours: '{}',
          ads_opt_out: true,
          telegram_unreachable: 'blocked',
          web_push_unreachable: null,
          created_at: AT,
          erased_at: AT,
        },
      ],
      [
        PushSubscription,
        { company_id, user_id, endpoint: 'https://push/1', p256dh: 'k', auth: 'a', vapid_key: 'v', created_at: AT },
      ],
      [
        Booking,
        {
          ...bookingRow(ids, AT),
          external_id: 'b-1',
          status: 'no_show',
          version: 7,
          updated_at: AT,
          next_reminder_at: AT,
          confirmed_at: AT,
          confirmed_starts_at: AT,
        },
      ],
      [
        AdTemplate,
        { name: 'Ad', content_tg: '<b>x</b>', content_html: null, active: false, valid_until: AT, company_id },
      ],
      [
        NotificationSetting,
        {
          event_type: 'booking_created',
          recipient_role: 'client',
          channel: 'telegram',
          enabled: false,
          ad_template_id: 1,
          company_id,
        },
      ],
      [OutboxRow, { company_id, event_id: 'e-1', event: '{"text":"ж\\u0000"}', lane: 'broadcast', created_at: AT }],
      [
        Delivery,
        {
          company_id,
          event_id: 'e-1',
          event_type: 'booking_created',
          booking_id,
          user_id,
          role: 'client',
          channel: 'telegram',
          status: 'delivered',
          reason: null,
          attempts: 2,
          chat_id: -(2 ** 51),
          message_id: 5,
          finished_at: AT,
          merged_versions: '[2,3]',
        },
      ],
      [
        BotUpdate,
        {
          bot_id: 2 ** 40,
          update_id: 9,
          chat_id: -(2 ** 51),
          body: '{"text":"ж"}',
          responses: null,
          received_at: AT,
          done_at: AT,
        },
      ],
      [
        Card,
        {
          chat_id: -(2 ** 51),
          message_id: 5,
          company_id,
          booking_id,
          user_id,
          audience: 'former_specialist',
          event: null,
          view: '{"kind":"menu"}',
          return_to: 'card',
          version: 3,
          stale: true,
          sent_at: AT,
          view_expires_at: null,
        },
      ],
      [
        Broadcast,
        {
          company_id,
          status: 'paused',
          audience: '{}',
          content: '{"tg_html":"ж"}',
          ad_template_id: 1,
          allow_paid: true,
          is_test: false,
          initiated_by: '{}',
          trace: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
          send_at: AT,
          audience_size: null,
          last_user_id: 7,
          cut_up_to: 5,
          others_cut_up_to: 6,
          chunks: 2,
          is_cut: true,
          created_at: AT,
          started_at: AT,
          finished_at: null,
        },
      ],
      [
        BroadcastChunk,
        {
          broadcast_id: 1,
          number: 2,
          state: 'waiting',
          user_ids: '[1,2]',
          is_of_others: true,
          first_user_id: 1,
          last_user_id: 2,
          asked_since: AT,
          size: 2,
          offers: 3,
          due_at: AT,
          counts: '[]',
          waiting_quiet: 2,
          quiet_until: AT,
          finished_at: null,
        },
      ],
      [Schedule, { user_id, location_id: null, hours: '{}', updated_at: AT }],
      [
        ApiKey,
        {
          ...{ company_id, name: 'ж', prefix: 'vk_1', hash: 'h', scopes: '["read"]' },
          ...{ created_at: AT, expires_at: AT, revoked_at: null, last_used_at: AT },
        },
      ],
      [
        WebhookEndpoint,
        {
          ...{ company_id, url: 'https://crm.example/ж', event_types: '[]', secret: 's', old_secret: null },
          ...{ old_secret_until: AT, enabled: false, created_at: AT, failures: 3, failing_since: AT, held_until: AT },
          ...{ last_error: null, disabled_at: AT, disabled_reason: 'gone', deleted_at: AT },
        },
      ],
      [
        WebhookMessage,
        {
          ...{ public_id: 'msg_1', endpoint_id: 1, company_id, type: 'webhook.test', payload: '{}', status: 'pending' },
          ...{ attempts: 2, offers: 3, last_status: null, last_error: 'ECONNREFUSED', created_at: AT },
          ...{ next_attempt_at: AT, delivered_at: null },
        },
      ],
      [UsedLink, { token_hash: 'h', tg_id: 2 ** 51, expires_at: AT }],
      [IdempotencyKey, { scope: 's', key: 'k', fingerprint: 'f', status: 201, body: '{}', created_at: AT }],
    ] as const;
    assert.deepEqual(
      rows.map(([entity]) => entity.meta.tableName).sort(),
      ENTITIES.map((entity) => entity.meta.tableName).sort(),
    );
    for (const [entity, row] of rows) {
      const id = await database.write((tx) => tx.insert<object>(entity.meta.className, row));
      assert.equal(typeof id, 'number');
      const read = await database.read().findOneOrFail<object>(entity.meta.className, { id });
      assert.deepEqual({ ...read }, { id, ...row });
    }
  });
});
