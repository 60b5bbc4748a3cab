// Made from /openapi.json by `npm run api-types`; not to be changed by hand.

type Headers = Record<string, unknown>;
type Refused<Status extends number> = {
  [S in Status]: { headers: Headers; content: { 'application/problem+json': Problem } };
};
type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code:
    | 'malformed_request'
    | 'unauthorized'
    | 'forbidden'
    | 'not_found'
    | 'method_not_allowed'
    | 'request_timeout'
    | 'already_exists'
    | 'booking_closed'
    | 'booking_overlap'
    | 'broadcast_state'
    | 'user_erased'
    | 'idempotency_in_flight'
    | 'in_use'
    | 'precondition_failed'
    | 'payload_too_large'
    | 'unsupported_media_type'
    | 'idempotency_key_reused'
    | 'validation_failed'
    | 'upgrade_required'
    | 'too_many_requests'
    | 'internal_error'
    | 'unavailable';
  errors?: { field: string; detail: string }[];
  used_by?: Record<string, number[]>;
};
type Booking = {
  id: number;
  external_id: string | null;
  company_id: number;
  client_id: number;
  specialist_id: number;
  service_id: number;
  location_id: number | null;
  starts_at: string;
  ends_at: string;
  duration_min: number;
  status: 'created' | 'cancelled' | 'completed' | 'no_show';
  version: number;
  confirmed_at: string | null;
  created_at: string;
  updated_at: string;
};
type BookingSchedule = {
  booking_id: number;
  status: 'created' | 'cancelled' | 'completed' | 'no_show';
  starts_at: string;
  time_zone: string;
  reminders: {
    offset: number | { evening_before: string };
    only_user: number | null;
    step: 'ask' | 'push' | 'call' | null;
    version: number;
    due_at: string;
    state: 'pending' | 'emitted' | 'skipped';
    reason:
      | 'start_set_later'
      | 'reminder_set_later'
      | 'nearer_reminder'
      | 'confirmed'
      | 'client_erased'
      | 'too_late'
      | 'booking_cancelled'
      | 'booking_completed'
      | 'booking_no_show'
      | 'unattended'
      | null;
    event_id: string | null;
    decided_at: string | null;
    recipients: {
      user_id: number;
      role: 'client' | 'specialist' | 'admin' | 'former_specialist';
      status: 'planned' | 'under_way' | 'delivered' | 'suppressed' | 'dead';
      channel: string | null;
      reason: string | null;
    }[];
  }[];
  held_move: {
    due_at: string;
    event_id: string;
    merged_versions: number[] | null;
    recipients: {
      user_id: number;
      role: 'client' | 'specialist' | 'admin' | 'former_specialist';
      status: 'planned' | 'under_way' | 'delivered' | 'suppressed' | 'dead';
      channel: string | null;
      reason: string | null;
    }[];
  } | null;
};
type Broadcast = {
  id: number;
  company_id: number;
  status: 'scheduled' | 'running' | 'paused' | 'completed' | 'cancelled';
  audience: {
    roles?: ('client' | 'specialist' | 'admin')[];
    user_ids?: number[];
    locales?: ('ru' | 'en')[];
    not_seen_since?: string;
  };
  content: { tg_html: string; push?: { title: string; body: string; url: string } };
  ad_template_id: number | null;
  allow_paid: boolean;
  is_test: boolean;
  initiated_by: {
    user_id: number | null;
    role: 'client' | 'specialist' | 'admin' | 'system' | 'cron';
    channel: string;
  };
  audience_size: number | null;
  send_at: string;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  progress: BroadcastProgress;
};
type BroadcastProgress = {
  sent: number;
  sent_by: { telegram: number; web_push: number };
  failed: number;
  failed_by: Record<string, number>;
  suppressed: number;
  suppressed_by: Record<string, number>;
  remaining: number | null;
  waiting_quiet: number;
  rate_per_second: number;
  eta: string | null;
};
type BroadcastPreview = {
  audience_size: number;
  reached_by: { telegram: number; web_push: number };
  opted_out: number;
  unreachable: number;
  no_channel: number;
  waiting_quiet: number;
  duration_s: number;
  eta: string;
  sample: { user_id: number; html: string; buttons: string[] } | null;
  test: { broadcast_id: number; user_id: number } | null;
};
type Delivery = {
  id: number;
  company_id: number;
  event_id: string;
  event_type: string;
  booking_id: number | null;
  user_id: number;
  role: string;
  channel: string | null;
  status: 'delivered' | 'suppressed' | 'dead';
  reason: string | null;
  attempts: number;
  chat_id: number | null;
  message_id: number | null;
  finished_at: string;
  merged_versions: number[] | null;
};
type Explanation = {
  event_id: string;
  user_id: number;
  company_id: number | null;
  verdict: 'delivered' | 'suppressed' | 'dead' | 'under_way' | 'undecided' | 'not_concerned' | 'unknown_event';
  explanation: string;
  steps: {
    step:
      | 'event'
      | 'user'
      | 'role'
      | 'exclusion'
      | 'settings'
      | 'opt_out'
      | 'quiet_hours'
      | 'reachability'
      | 'channel'
      | 'attempts'
      | 'outcome';
    as_of: 'then' | 'now';
    says: string;
    facts: Record<string, unknown>;
  }[];
};
type DeadLetter = {
  id: string;
  stream: 'p2p' | 'broadcast' | 'webhooks';
  event: Record<string, unknown> | null;
  raw: Record<string, string> | null;
  recipient: string | null;
  user_id: number | null;
  channel: string | null;
  attempts: number | null;
  first_error: string | null;
  last_error: string | null;
  first_failed_at: string | null;
  died_at: string | null;
};
type Company = {
  id: number;
  name: string;
  time_zone: string;
  ad_advertiser: string | null;
  ad_marking_token: string | null;
  reminders: (number | { evening_before: string })[];
  merge_moves_s: number;
  day_list_at: string | null;
  no_show_ladder: {
    ask: number | { evening_before: string };
    push_after_min: number | null;
    call_after_min: number | null;
  } | null;
  created_at: string;
};
type Location = { id: number; company_id: number; name: string; time_zone: string | null; created_at: string };
type Service = {
  id: number;
  external_id: string | null;
  company_id: number;
  name: string;
  duration_min: number;
  created_at: string;
};
type User = {
  id: number;
  external_id: string | null;
  company_id: number;
  role: 'client' | 'specialist' | 'admin';
  name: string;
  phone: string | null;
  tg_id: number | null;
  locale: 'ru' | 'en';
  time_zone: string | null;
  quiet_hours: { broadcasts: { from: string; to: string } | null; messages: { from: string; to: string } | null };
  ads_opt_out: boolean;
  telegram_unreachable: string | null;
  web_push_unreachable: string | null;
  created_at: string;
  erased_at: string | null;
};
type UserSchedule = {
  user_id: number;
  weekly: {
    monday: { from: string; to: string; breaks: { from: string; to: string }[] } | null;
    tuesday: { from: string; to: string; breaks: { from: string; to: string }[] } | null;
    wednesday: { from: string; to: string; breaks: { from: string; to: string }[] } | null;
    thursday: { from: string; to: string; breaks: { from: string; to: string }[] } | null;
    friday: { from: string; to: string; breaks: { from: string; to: string }[] } | null;
    saturday: { from: string; to: string; breaks: { from: string; to: string }[] } | null;
    sunday: { from: string; to: string; breaks: { from: string; to: string }[] } | null;
  };
  days_off: string[];
  source: 'own' | 'location' | 'default';
  updated_at: string | null;
};
type LocationSchedule = {
  location_id: number;
  weekly: {
    monday: { from: string; to: string; breaks: { from: string; to: string }[] } | null;
    tuesday: { from: string; to: string; breaks: { from: string; to: string }[] } | null;
    wednesday: { from: string; to: string; breaks: { from: string; to: string }[] } | null;
    thursday: { from: string; to: string; breaks: { from: string; to: string }[] } | null;
    friday: { from: string; to: string; breaks: { from: string; to: string }[] } | null;
    saturday: { from: string; to: string; breaks: { from: string; to: string }[] } | null;
    sunday: { from: string; to: string; breaks: { from: string; to: string }[] } | null;
  };
  days_off: string[];
  source: 'own' | 'location' | 'default';
  updated_at: string | null;
};
type NotificationSetting = {
  id: number;
  event_type:
    | 'booking_created'
    | 'booking_cancelled'
    | 'booking_rescheduled'
    | 'booking_reminder'
    | 'booking_unconfirmed';
  recipient_role: 'client' | 'specialist' | 'admin';
  channel: 'all' | 'telegram' | 'web_push';
  enabled: boolean;
  ad_template_id: number | null;
  company_id: number;
};
type NotificationMatrix = {
  settings: {
    event_type:
      | 'booking_created'
      | 'booking_cancelled'
      | 'booking_rescheduled'
      | 'booking_reminder'
      | 'booking_unconfirmed';
    recipient_role: 'client' | 'specialist' | 'admin';
    channel: 'all' | 'telegram' | 'web_push';
    enabled: boolean;
    ad_template_id: number | null;
  }[];
};
type AdTemplate = {
  id: number;
  name: string;
  content_tg: string;
  content_html: string | null;
  active: boolean;
  valid_until: string | null;
  company_id: number;
};
type BookingPage = {
  id: number;
  status: 'created' | 'cancelled' | 'completed' | 'no_show';
  version: number;
  starts_at: string;
  ends_at: string;
  duration_min: number;
  time_zone: string;
  company_name: string;
  service_name: string;
  specialist_name: string;
  location_name: string | null;
  client: { name: string; phone: string | null } | null;
  role: 'client' | 'specialist' | 'admin';
  locale: 'ru' | 'en';
  can_cancel: boolean;
  is_confirmed: boolean;
  can_confirm: boolean;
  ad_html: string | null;
  ad_legal: string | null;
  calendar_url: string;
};
type PushSubscription = {
  id: number;
  company_id: number;
  user_id: number;
  endpoint: string;
  vapid_key: string;
  created_at: string;
  device_token: string;
};
type WebhookEndpoint = {
  id: number;
  company_id: number;
  url: string;
  enabled: boolean;
  created_at: string;
  failing_since: string | null;
  last_error: string | null;
  disabled_at: string | null;
  disabled_reason: string | null;
  old_secret_until: string | null;
  event_types: ('delivery.sent' | 'delivery.failed' | 'user.unreachable' | 'broadcast.completed')[];
  next_attempt_after: string | null;
};
type WebhookEndpointWithSecret = {
  id: number;
  company_id: number;
  url: string;
  enabled: boolean;
  created_at: string;
  failing_since: string | null;
  last_error: string | null;
  disabled_at: string | null;
  disabled_reason: string | null;
  old_secret_until: string | null;
  event_types: ('delivery.sent' | 'delivery.failed' | 'user.unreachable' | 'broadcast.completed')[];
  next_attempt_after: string | null;
  secret: string;
};
type WebhookMessage = {
  id: string;
  endpoint_id: number;
  company_id: number;
  type: 'delivery.sent' | 'delivery.failed' | 'user.unreachable' | 'broadcast.completed' | 'webhook.test';
  status: 'pending' | 'delivered' | 'failed';
  attempts: number;
  last_status: number | null;
  last_error: string | null;
  created_at: string;
  next_attempt_at: string | null;
  delivered_at: string | null;
  payload: { type: string; timestamp: string; data: Record<string, unknown> };
};

export interface paths {
  '/v1/bookings': {
    parameters: Record<never, never>;
    /** List bookings */
    get: {
      parameters: {
        path?: never;
        query?: {
          limit?: number;
          cursor?: string;
          company_id?: number;
          client_id?: number;
          specialist_id?: number;
          service_id?: number;
          location_id?: number;
          status?: 'created' | 'cancelled' | 'completed' | 'no_show';
          external_id?: string;
          starts_at?: string;
          ends_at?: string;
          duration_min?: number;
          version?: number;
          starts_from?: string;
          starts_to?: string;
        };
        header?: never;
      };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': { items: Booking[]; next_cursor: string | null } } };
      } & Refused<400 | 401 | 403 | 429 | 500 | 503>;
    };
    /** Make a booking */
    post: {
      parameters: {
        path?: never;
        query?: never;
        header?: {
          'Idempotency-Key'?: string;
          'X-Initiated-By-User-Id'?: number;
          'X-Initiated-By-Role'?: 'client' | 'specialist' | 'admin' | 'system' | 'cron';
          'X-Initiated-By-Channel'?: string;
        };
      };
      requestBody: {
        content: {
          'application/json': {
            company_id: number;
            client_id: number;
            specialist_id: number;
            service_id: number;
            location_id?: number | null;
            starts_at: string;
            duration_min?: number;
            external_id?: string | null;
            allow_overlap?: boolean;
            notify?: boolean;
          };
        };
      };
      responses: { 201: { headers: Headers; content: { 'application/json': Booking } } } & Refused<
        400 | 401 | 403 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/bookings/{id}': {
    parameters: Record<never, never>;
    /** Get a booking */
    get: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-None-Match'?: string } };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': Booking } };
        304: { headers: Headers; content: Record<never, never> };
      } & Refused<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
    /** Move a booking */
    patch: {
      parameters: {
        path: { id: number };
        query?: never;
        header?: {
          'If-Match'?: string;
          'X-Initiated-By-User-Id'?: number;
          'X-Initiated-By-Role'?: 'client' | 'specialist' | 'admin' | 'system' | 'cron';
          'X-Initiated-By-Channel'?: string;
        };
      };
      requestBody: {
        content: {
          'application/merge-patch+json': {
            specialist_id?: number;
            service_id?: number;
            location_id?: number | null;
            starts_at?: string;
            duration_min?: number;
            external_id?: string | null;
            allow_overlap?: boolean;
            notify?: boolean;
          };
          'application/json': {
            specialist_id?: number;
            service_id?: number;
            location_id?: number | null;
            starts_at?: string;
            duration_min?: number;
            external_id?: string | null;
            allow_overlap?: boolean;
            notify?: boolean;
          };
        };
      };
      responses: { 200: { headers: Headers; content: { 'application/json': Booking } } } & Refused<
        400 | 401 | 403 | 404 | 408 | 409 | 412 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/bookings/{id}/schedule': {
    parameters: Record<never, never>;
    /** See what people are reminded of, when, and why not */
    get: {
      parameters: { path: { id: number }; query?: never; header?: never };
      requestBody?: never;
      responses: { 200: { headers: Headers; content: { 'application/json': BookingSchedule } } } & Refused<
        400 | 401 | 403 | 404 | 429 | 500 | 503
      >;
    };
  };
  '/v1/bookings/{id}/confirm': {
    parameters: Record<never, never>;
    /** Say that the client comes */
    post: {
      parameters: {
        path: { id: number };
        query?: never;
        header?: {
          'Idempotency-Key'?: string;
          'X-Initiated-By-User-Id'?: number;
          'X-Initiated-By-Role'?: 'client' | 'specialist' | 'admin' | 'system' | 'cron';
          'X-Initiated-By-Channel'?: string;
        };
      };
      requestBody?: { content: { 'application/json': Record<string, never> } };
      responses: { 200: { headers: Headers; content: { 'application/json': Booking } } } & Refused<
        400 | 401 | 403 | 404 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/bookings/{id}/cancel': {
    parameters: Record<never, never>;
    /** Cancel a booking */
    post: {
      parameters: {
        path: { id: number };
        query?: never;
        header?: {
          'Idempotency-Key'?: string;
          'X-Initiated-By-User-Id'?: number;
          'X-Initiated-By-Role'?: 'client' | 'specialist' | 'admin' | 'system' | 'cron';
          'X-Initiated-By-Channel'?: string;
        };
      };
      requestBody?: { content: { 'application/json': Record<string, never> } };
      responses: { 200: { headers: Headers; content: { 'application/json': Booking } } } & Refused<
        400 | 401 | 403 | 404 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/bookings/{id}/complete': {
    parameters: Record<never, never>;
    /** Say that the visit took place */
    post: {
      parameters: {
        path: { id: number };
        query?: never;
        header?: {
          'Idempotency-Key'?: string;
          'X-Initiated-By-User-Id'?: number;
          'X-Initiated-By-Role'?: 'client' | 'specialist' | 'admin' | 'system' | 'cron';
          'X-Initiated-By-Channel'?: string;
        };
      };
      requestBody?: { content: { 'application/json': Record<string, never> } };
      responses: { 200: { headers: Headers; content: { 'application/json': Booking } } } & Refused<
        400 | 401 | 403 | 404 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/bookings/{id}/no-show': {
    parameters: Record<never, never>;
    /** Say that the client did not come */
    post: {
      parameters: {
        path: { id: number };
        query?: never;
        header?: {
          'Idempotency-Key'?: string;
          'X-Initiated-By-User-Id'?: number;
          'X-Initiated-By-Role'?: 'client' | 'specialist' | 'admin' | 'system' | 'cron';
          'X-Initiated-By-Channel'?: string;
        };
      };
      requestBody?: { content: { 'application/json': Record<string, never> } };
      responses: { 200: { headers: Headers; content: { 'application/json': Booking } } } & Refused<
        400 | 401 | 403 | 404 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/events': {
    parameters: Record<never, never>;
    /** Put one event, or up to 1,000, straight into the stream */
    post: {
      parameters: {
        path?: never;
        query?: never;
        header?: {
          'Idempotency-Key'?: string;
          'X-Initiated-By-User-Id'?: number;
          'X-Initiated-By-Role'?: 'client' | 'specialist' | 'admin' | 'system' | 'cron';
          'X-Initiated-By-Channel'?: string;
        };
      };
      requestBody: {
        content: {
          'application/json':
            | {
                id?: string;
                type:
                  | 'booking_created'
                  | 'booking_cancelled'
                  | 'booking_rescheduled'
                  | 'booking_reminder'
                  | 'booking_unconfirmed';
                company_id: number;
                booking_id: number;
                initiated_by?: {
                  user_id: number | null;
                  role: 'client' | 'specialist' | 'admin' | 'system' | 'cron';
                  channel: string;
                };
                ts?: number;
                change?: {
                  version: number;
                  from: {
                    starts_at: string;
                    specialist_id: number;
                    service_id: number;
                    location_id: number | null;
                    duration_min: number;
                  } | null;
                  to: {
                    starts_at: string;
                    specialist_id: number;
                    service_id: number;
                    location_id: number | null;
                    duration_min: number;
                  };
                };
                lane?: 'p2p' | 'broadcast';
              }
            | {
                id?: string;
                type:
                  | 'booking_created'
                  | 'booking_cancelled'
                  | 'booking_rescheduled'
                  | 'booking_reminder'
                  | 'booking_unconfirmed';
                company_id: number;
                booking_id: number;
                initiated_by?: {
                  user_id: number | null;
                  role: 'client' | 'specialist' | 'admin' | 'system' | 'cron';
                  channel: string;
                };
                ts?: number;
                change?: {
                  version: number;
                  from: {
                    starts_at: string;
                    specialist_id: number;
                    service_id: number;
                    location_id: number | null;
                    duration_min: number;
                  } | null;
                  to: {
                    starts_at: string;
                    specialist_id: number;
                    service_id: number;
                    location_id: number | null;
                    duration_min: number;
                  };
                };
                lane?: 'p2p' | 'broadcast';
              }[];
        };
      };
      responses: {
        202: { headers: Headers; content: { 'application/json': { accepted: number; ids: string[] } } };
      } & Refused<400 | 401 | 403 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503>;
    };
  };
  '/v1/broadcasts': {
    parameters: Record<never, never>;
    /** List broadcasts with their progress */
    get: {
      parameters: {
        path?: never;
        query?: {
          limit?: number;
          cursor?: string;
          company_id?: number;
          status?: 'scheduled' | 'running' | 'paused' | 'completed' | 'cancelled';
        };
        header?: never;
      };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': { items: Broadcast[]; next_cursor: string | null } } };
      } & Refused<400 | 401 | 403 | 429 | 500 | 503>;
    };
    /** Start or schedule a broadcast */
    post: {
      parameters: {
        path?: never;
        query?: never;
        header?: {
          'Idempotency-Key'?: string;
          'X-Initiated-By-User-Id'?: number;
          'X-Initiated-By-Role'?: 'client' | 'specialist' | 'admin' | 'system' | 'cron';
          'X-Initiated-By-Channel'?: string;
        };
      };
      requestBody: {
        content: {
          'application/json': {
            company_id: number;
            audience: {
              roles?: ('client' | 'specialist' | 'admin')[];
              user_ids?: number[];
              locales?: ('ru' | 'en')[];
              not_seen_since?: string;
            };
            content: { tg_html: string; push?: { title: string; body: string; url: string } };
            send_at?: string;
            ad_template_id?: number | null;
            allow_paid?: boolean;
          };
        };
      };
      responses: { 202: { headers: Headers; content: { 'application/json': Broadcast } } } & Refused<
        400 | 401 | 403 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/broadcasts/preview': {
    parameters: Record<never, never>;
    /** See who would hear, how, and when */
    post: {
      parameters: {
        path?: never;
        query?: never;
        header?: {
          'Idempotency-Key'?: string;
          'X-Initiated-By-User-Id'?: number;
          'X-Initiated-By-Role'?: 'client' | 'specialist' | 'admin' | 'system' | 'cron';
          'X-Initiated-By-Channel'?: string;
        };
      };
      requestBody: {
        content: {
          'application/json': {
            company_id: number;
            audience: {
              roles?: ('client' | 'specialist' | 'admin')[];
              user_ids?: number[];
              locales?: ('ru' | 'en')[];
              not_seen_since?: string;
            };
            content: { tg_html: string; push?: { title: string; body: string; url: string } };
            send_at?: string;
            ad_template_id?: number | null;
            allow_paid?: boolean;
            send_test_to?: number;
          };
        };
      };
      responses: { 200: { headers: Headers; content: { 'application/json': BroadcastPreview } } } & Refused<
        400 | 401 | 403 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/broadcasts/{id}': {
    parameters: Record<never, never>;
    /** Get a broadcast with its progress */
    get: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-None-Match'?: string } };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': Broadcast } };
        304: { headers: Headers; content: Record<never, never> };
      } & Refused<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/v1/broadcasts/{id}/pause': {
    parameters: Record<never, never>;
    /** Pause a broadcast */
    post: {
      parameters: { path: { id: number }; query?: never; header?: { 'Idempotency-Key'?: string } };
      requestBody?: { content: { 'application/json': Record<string, never> } };
      responses: { 200: { headers: Headers; content: { 'application/json': Broadcast } } } & Refused<
        400 | 401 | 403 | 404 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/broadcasts/{id}/resume': {
    parameters: Record<never, never>;
    /** Go on with a paused broadcast */
    post: {
      parameters: { path: { id: number }; query?: never; header?: { 'Idempotency-Key'?: string } };
      requestBody?: { content: { 'application/json': Record<string, never> } };
      responses: { 200: { headers: Headers; content: { 'application/json': Broadcast } } } & Refused<
        400 | 401 | 403 | 404 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/broadcasts/{id}/cancel': {
    parameters: Record<never, never>;
    /** Cancel a broadcast */
    post: {
      parameters: { path: { id: number }; query?: never; header?: { 'Idempotency-Key'?: string } };
      requestBody?: { content: { 'application/json': Record<string, never> } };
      responses: { 200: { headers: Headers; content: { 'application/json': Broadcast } } } & Refused<
        400 | 401 | 403 | 404 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/broadcasts/{id}/retry-failed': {
    parameters: Record<never, never>;
    /** Let those who failed have it again */
    post: {
      parameters: { path: { id: number }; query?: never; header?: { 'Idempotency-Key'?: string } };
      requestBody?: { content: { 'application/json': Record<string, never> } };
      responses: { 200: { headers: Headers; content: { 'application/json': Broadcast } } } & Refused<
        400 | 401 | 403 | 404 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/deliveries': {
    parameters: Record<never, never>;
    /** List what became of messages, those that ended first at the top */
    get: {
      parameters: {
        path?: never;
        query?: {
          limit?: number;
          cursor?: string;
          company_id?: number;
          event_id?: string;
          event_type?:
            | 'booking_created'
            | 'booking_cancelled'
            | 'booking_rescheduled'
            | 'booking_reminder'
            | 'booking_unconfirmed'
            | 'specialist_day'
            | 'broadcast';
          booking_id?: number;
          broadcast_id?: number;
          user_id?: number;
          role?: 'client' | 'specialist' | 'admin' | 'former_specialist';
          channel?: 'telegram' | 'web_push';
          status?: 'delivered' | 'suppressed' | 'dead';
          finished_from?: string;
          finished_to?: string;
        };
        header?: never;
      };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': { items: Delivery[]; next_cursor: string | null } } };
      } & Refused<400 | 401 | 403 | 429 | 500 | 503>;
    };
  };
  '/v1/deliveries/explain': {
    parameters: Record<never, never>;
    /** See why someone got a message, or did not */
    get: {
      parameters: { path?: never; query: { event_id: string; user_id: number; company_id?: number }; header?: never };
      requestBody?: never;
      responses: { 200: { headers: Headers; content: { 'application/json': Explanation } } } & Refused<
        400 | 401 | 403 | 404 | 429 | 500 | 503
      >;
    };
  };
  '/v1/dead-letters': {
    parameters: Record<never, never>;
    /** List dead letters, those that died first at the top */
    get: {
      parameters: {
        path?: never;
        query?: {
          limit?: number;
          cursor?: string;
          stream?: 'p2p' | 'broadcast' | 'webhooks' | 'events:p2p' | 'events:broadcast' | 'events:webhooks';
          company_id?: number;
        };
        header?: never;
      };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': { items: DeadLetter[]; next_cursor: string | null } } };
      } & Refused<400 | 401 | 403 | 429 | 500 | 503>;
    };
  };
  '/v1/dead-letters/{id}': {
    parameters: Record<never, never>;
    /** Get a dead letter */
    get: {
      parameters: { path: { id: string }; query?: never; header?: never };
      requestBody?: never;
      responses: { 200: { headers: Headers; content: { 'application/json': DeadLetter } } } & Refused<
        400 | 401 | 403 | 404 | 429 | 500 | 503
      >;
    };
    /** Forget a dead letter */
    delete: {
      parameters: { path: { id: string }; query?: never; header?: never };
      requestBody?: never;
      responses: { 204: { headers: Headers; content: Record<never, never> } } & Refused<
        400 | 401 | 403 | 404 | 429 | 500 | 503
      >;
    };
  };
  '/v1/dead-letters/replay': {
    parameters: Record<never, never>;
    /** Try again, for the recipients of these letters alone */
    post: {
      parameters: { path?: never; query?: never; header?: { 'Idempotency-Key'?: string } };
      requestBody: {
        content: {
          'application/json': {
            ids?: string[];
            all?: true;
            stream?: 'p2p' | 'broadcast' | 'webhooks' | 'events:p2p' | 'events:broadcast' | 'events:webhooks';
          };
        };
      };
      responses: {
        200: { headers: Headers; content: { 'application/json': { replayed: number; missing: string[] } } };
      } & Refused<400 | 401 | 403 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503>;
    };
  };
  '/v1/companies': {
    parameters: Record<never, never>;
    /** List companies */
    get: {
      parameters: {
        path?: never;
        query?: { name?: string; time_zone?: string; limit?: number; cursor?: string };
        header?: never;
      };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': { items: Company[]; next_cursor: string | null } } };
      } & Refused<400 | 401 | 403 | 429 | 500 | 503>;
    };
    /** Create a company */
    post: {
      parameters: { path?: never; query?: never; header?: { 'Idempotency-Key'?: string } };
      requestBody: {
        content: {
          'application/json': {
            name: string;
            time_zone: string;
            ad_advertiser?: string | null;
            ad_marking_token?: string | null;
            reminders?: (number | { evening_before: string })[];
            no_show_ladder?: {
              ask: number | { evening_before: string };
              push_after_min: number | null;
              call_after_min: number | null;
            } | null;
            merge_moves_s?: number;
            day_list_at?: string | null;
          };
        };
      };
      responses: { 201: { headers: Headers; content: { 'application/json': Company } } } & Refused<
        400 | 401 | 403 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/companies/{id}': {
    parameters: Record<never, never>;
    /** Get a company */
    get: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-None-Match'?: string } };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': Company } };
        304: { headers: Headers; content: Record<never, never> };
      } & Refused<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
    /** Delete a company */
    delete: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-Match'?: string } };
      requestBody?: never;
      responses: { 204: { headers: Headers; content: Record<never, never> } } & Refused<
        400 | 401 | 403 | 404 | 409 | 412 | 429 | 500 | 503
      >;
    };
    /** Change a company */
    patch: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-Match'?: string } };
      requestBody: {
        content: {
          'application/merge-patch+json': {
            name?: string;
            time_zone?: string;
            ad_advertiser?: string | null;
            ad_marking_token?: string | null;
            reminders?: (number | { evening_before: string })[];
            no_show_ladder?: {
              ask: number | { evening_before: string };
              push_after_min: number | null;
              call_after_min: number | null;
            } | null;
            merge_moves_s?: number;
            day_list_at?: string | null;
          };
          'application/json': {
            name?: string;
            time_zone?: string;
            ad_advertiser?: string | null;
            ad_marking_token?: string | null;
            reminders?: (number | { evening_before: string })[];
            no_show_ladder?: {
              ask: number | { evening_before: string };
              push_after_min: number | null;
              call_after_min: number | null;
            } | null;
            merge_moves_s?: number;
            day_list_at?: string | null;
          };
        };
      };
      responses: { 200: { headers: Headers; content: { 'application/json': Company } } } & Refused<
        400 | 401 | 403 | 404 | 408 | 412 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/locations': {
    parameters: Record<never, never>;
    /** List locations */
    get: {
      parameters: {
        path?: never;
        query?: { company_id?: number; name?: string; time_zone?: string; limit?: number; cursor?: string };
        header?: never;
      };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': { items: Location[]; next_cursor: string | null } } };
      } & Refused<400 | 401 | 403 | 429 | 500 | 503>;
    };
    /** Create a location */
    post: {
      parameters: { path?: never; query?: never; header?: { 'Idempotency-Key'?: string } };
      requestBody: { content: { 'application/json': { company_id: number; name: string; time_zone?: string | null } } };
      responses: { 201: { headers: Headers; content: { 'application/json': Location } } } & Refused<
        400 | 401 | 403 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/locations/{id}': {
    parameters: Record<never, never>;
    /** Get a location */
    get: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-None-Match'?: string } };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': Location } };
        304: { headers: Headers; content: Record<never, never> };
      } & Refused<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
    /** Delete a location */
    delete: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-Match'?: string } };
      requestBody?: never;
      responses: { 204: { headers: Headers; content: Record<never, never> } } & Refused<
        400 | 401 | 403 | 404 | 409 | 412 | 429 | 500 | 503
      >;
    };
    /** Change a location */
    patch: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-Match'?: string } };
      requestBody: {
        content: {
          'application/merge-patch+json': { name?: string; time_zone?: string | null };
          'application/json': { name?: string; time_zone?: string | null };
        };
      };
      responses: { 200: { headers: Headers; content: { 'application/json': Location } } } & Refused<
        400 | 401 | 403 | 404 | 408 | 412 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/services': {
    parameters: Record<never, never>;
    /** List services */
    get: {
      parameters: {
        path?: never;
        query?: {
          company_id?: number;
          external_id?: string;
          name?: string;
          duration_min?: number;
          limit?: number;
          cursor?: string;
        };
        header?: never;
      };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': { items: Service[]; next_cursor: string | null } } };
      } & Refused<400 | 401 | 403 | 429 | 500 | 503>;
    };
    /** Create a service */
    post: {
      parameters: { path?: never; query?: never; header?: { 'Idempotency-Key'?: string } };
      requestBody: {
        content: {
          'application/json': { company_id: number; external_id?: string | null; name: string; duration_min: number };
        };
      };
      responses: { 201: { headers: Headers; content: { 'application/json': Service } } } & Refused<
        400 | 401 | 403 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/services/{id}': {
    parameters: Record<never, never>;
    /** Get a service */
    get: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-None-Match'?: string } };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': Service } };
        304: { headers: Headers; content: Record<never, never> };
      } & Refused<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
    /** Delete a service */
    delete: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-Match'?: string } };
      requestBody?: never;
      responses: { 204: { headers: Headers; content: Record<never, never> } } & Refused<
        400 | 401 | 403 | 404 | 409 | 412 | 429 | 500 | 503
      >;
    };
    /** Change a service */
    patch: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-Match'?: string } };
      requestBody: {
        content: {
          'application/merge-patch+json': { external_id?: string | null; name?: string; duration_min?: number };
          'application/json': { external_id?: string | null; name?: string; duration_min?: number };
        };
      };
      responses: { 200: { headers: Headers; content: { 'application/json': Service } } } & Refused<
        400 | 401 | 403 | 404 | 408 | 409 | 412 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/users': {
    parameters: Record<never, never>;
    /** List users */
    get: {
      parameters: {
        path?: never;
        query?: {
          company_id?: number;
          external_id?: string;
          role?: 'client' | 'specialist' | 'admin';
          name?: string;
          phone?: string;
          tg_id?: number;
          locale?: 'ru' | 'en';
          time_zone?: string;
          ads_opt_out?: boolean;
          telegram_unreachable?: string;
          web_push_unreachable?: string;
          limit?: number;
          cursor?: string;
        };
        header?: never;
      };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': { items: User[]; next_cursor: string | null } } };
      } & Refused<400 | 401 | 403 | 429 | 500 | 503>;
    };
    /** Create a user */
    post: {
      parameters: { path?: never; query?: never; header?: { 'Idempotency-Key'?: string } };
      requestBody: {
        content: {
          'application/json': {
            company_id: number;
            external_id?: string | null;
            role: 'client' | 'specialist' | 'admin';
            name: string;
            phone?: string | null;
            tg_id?: number | null;
            locale?: 'ru' | 'en';
            time_zone?: string | null;
            quiet_hours?: {
              broadcasts?: { from: string; to: string } | null;
              messages?: { from: string; to: string } | null;
            };
            ads_opt_out?: boolean;
          };
        };
      };
      responses: { 201: { headers: Headers; content: { 'application/json': User } } } & Refused<
        400 | 401 | 403 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/users/{id}': {
    parameters: Record<never, never>;
    /** Get a user */
    get: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-None-Match'?: string } };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': User } };
        304: { headers: Headers; content: Record<never, never> };
      } & Refused<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
    /** Delete a user */
    delete: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-Match'?: string } };
      requestBody?: never;
      responses: { 204: { headers: Headers; content: Record<never, never> } } & Refused<
        400 | 401 | 403 | 404 | 409 | 412 | 429 | 500 | 503
      >;
    };
    /** Change a user */
    patch: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-Match'?: string } };
      requestBody: {
        content: {
          'application/merge-patch+json': {
            external_id?: string | null;
            role?: 'client' | 'specialist' | 'admin';
            name?: string;
            phone?: string | null;
            tg_id?: number | null;
            locale?: 'ru' | 'en';
            time_zone?: string | null;
            quiet_hours?: {
              broadcasts?: { from: string; to: string } | null;
              messages?: { from: string; to: string } | null;
            };
            ads_opt_out?: boolean;
          };
          'application/json': {
            external_id?: string | null;
            role?: 'client' | 'specialist' | 'admin';
            name?: string;
            phone?: string | null;
            tg_id?: number | null;
            locale?: 'ru' | 'en';
            time_zone?: string | null;
            quiet_hours?: {
              broadcasts?: { from: string; to: string } | null;
              messages?: { from: string; to: string } | null;
            };
            ads_opt_out?: boolean;
          };
        };
      };
      responses: { 200: { headers: Headers; content: { 'application/json': User } } } & Refused<
        400 | 401 | 403 | 404 | 408 | 409 | 412 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/users/{id}/export': {
    parameters: Record<never, never>;
    /** Get all that is kept of a person */
    post: {
      parameters: { path: { id: number }; query?: never; header?: never };
      requestBody?: { content: { 'application/json': Record<string, never> } };
      responses: {
        200: {
          headers: Headers;
          content: {
            'application/json': {
              exported_at: string;
              user: User;
              schedule: Record<string, unknown> | null;
              bookings: Booking[];
              deliveries: Delivery[];
              push_subscriptions: Record<string, unknown>[];
              cards: Record<string, unknown>[];
              bot_updates: Record<string, unknown>[];
              used_links: Record<string, unknown>[];
              broadcasts: Record<string, unknown>[];
              day_lists: Record<string, unknown>[];
              under_way: {
                event_id: string;
                event_type: string;
                booking_id: number | null;
                broadcast_id: number | null;
                happened_at: string;
                attempts: number;
              }[];
              dead_letters: DeadLetter[];
              incomplete: string[];
            };
          };
        };
      } & Refused<400 | 401 | 403 | 404 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503>;
    };
  };
  '/v1/users/{id}/erase': {
    parameters: Record<never, never>;
    /** Remove what is kept of a person */
    post: {
      parameters: { path: { id: number }; query?: never; header?: { 'Idempotency-Key'?: string } };
      requestBody?: { content: { 'application/json': Record<string, never> } };
      responses: {
        200: {
          headers: Headers;
          content: { 'application/json': { user_id: number; erased_at: string; removed: Record<string, number> } };
        };
      } & Refused<400 | 401 | 403 | 404 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503>;
    };
  };
  '/v1/users/{id}/schedule': {
    parameters: Record<never, never>;
    /** Get the hours that count for a specialist */
    get: {
      parameters: { path: { id: number }; query?: { location_id?: number }; header?: { 'If-None-Match'?: string } };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': UserSchedule } };
        304: { headers: Headers; content: Record<never, never> };
      } & Refused<400 | 401 | 403 | 404 | 422 | 429 | 500 | 503>;
    };
    /** Set the working hours of a specialist */
    put: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-Match'?: string } };
      requestBody: {
        content: {
          'application/json': {
            weekly: {
              monday?: { from: string; to: string; breaks?: { from: string; to: string }[] } | null;
              tuesday?: { from: string; to: string; breaks?: { from: string; to: string }[] } | null;
              wednesday?: { from: string; to: string; breaks?: { from: string; to: string }[] } | null;
              thursday?: { from: string; to: string; breaks?: { from: string; to: string }[] } | null;
              friday?: { from: string; to: string; breaks?: { from: string; to: string }[] } | null;
              saturday?: { from: string; to: string; breaks?: { from: string; to: string }[] } | null;
              sunday?: { from: string; to: string; breaks?: { from: string; to: string }[] } | null;
            };
            days_off?: string[];
          };
        };
      };
      responses: { 200: { headers: Headers; content: { 'application/json': UserSchedule } } } & Refused<
        400 | 401 | 403 | 404 | 408 | 412 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
    /** Go back to the default hours for a specialist */
    delete: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-Match'?: string } };
      requestBody?: never;
      responses: { 204: { headers: Headers; content: Record<never, never> } } & Refused<
        400 | 401 | 403 | 404 | 412 | 429 | 500 | 503
      >;
    };
  };
  '/v1/locations/{id}/schedule': {
    parameters: Record<never, never>;
    /** Get the hours that count for a location */
    get: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-None-Match'?: string } };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': LocationSchedule } };
        304: { headers: Headers; content: Record<never, never> };
      } & Refused<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
    /** Set the working hours of a location */
    put: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-Match'?: string } };
      requestBody: {
        content: {
          'application/json': {
            weekly: {
              monday?: { from: string; to: string; breaks?: { from: string; to: string }[] } | null;
              tuesday?: { from: string; to: string; breaks?: { from: string; to: string }[] } | null;
              wednesday?: { from: string; to: string; breaks?: { from: string; to: string }[] } | null;
              thursday?: { from: string; to: string; breaks?: { from: string; to: string }[] } | null;
              friday?: { from: string; to: string; breaks?: { from: string; to: string }[] } | null;
              saturday?: { from: string; to: string; breaks?: { from: string; to: string }[] } | null;
              sunday?: { from: string; to: string; breaks?: { from: string; to: string }[] } | null;
            };
            days_off?: string[];
          };
        };
      };
      responses: { 200: { headers: Headers; content: { 'application/json': LocationSchedule } } } & Refused<
        400 | 401 | 403 | 404 | 408 | 412 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
    /** Go back to the default hours for a location */
    delete: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-Match'?: string } };
      requestBody?: never;
      responses: { 204: { headers: Headers; content: Record<never, never> } } & Refused<
        400 | 401 | 403 | 404 | 412 | 429 | 500 | 503
      >;
    };
  };
  '/v1/slots': {
    parameters: Record<never, never>;
    /** List the free times of a day */
    get: {
      parameters: {
        path?: never;
        query: { specialist_id: number; service_id: number; date: string; location_id?: number; booking_id?: number };
        header?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Headers;
          content: {
            'application/json': {
              items: { starts_at: string; ends_at: string }[];
              specialist_id: number;
              service_id: number;
              date: string;
              time_zone: string;
            };
          };
        };
      } & Refused<400 | 401 | 403 | 422 | 429 | 500 | 503>;
    };
  };
  '/v1/companies/{id}/notification-settings': {
    parameters: Record<never, never>;
    /** Get all notification settings of a company */
    get: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-None-Match'?: string } };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': NotificationMatrix } };
        304: { headers: Headers; content: Record<never, never> };
      } & Refused<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
    /** Set all notification settings of a company */
    put: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-Match'?: string } };
      requestBody: {
        content: {
          'application/json': {
            settings: {
              event_type:
                | 'booking_created'
                | 'booking_cancelled'
                | 'booking_rescheduled'
                | 'booking_reminder'
                | 'booking_unconfirmed';
              recipient_role: 'client' | 'specialist' | 'admin';
              channel?: 'all' | 'telegram' | 'web_push';
              enabled: boolean;
              ad_template_id?: number | null;
            }[];
          };
        };
      };
      responses: { 200: { headers: Headers; content: { 'application/json': NotificationMatrix } } } & Refused<
        400 | 401 | 403 | 404 | 408 | 412 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/notification-settings': {
    parameters: Record<never, never>;
    /** List notification settings */
    get: {
      parameters: {
        path?: never;
        query?: {
          company_id?: number;
          event_type?:
            | 'booking_created'
            | 'booking_cancelled'
            | 'booking_rescheduled'
            | 'booking_reminder'
            | 'booking_unconfirmed';
          recipient_role?: 'client' | 'specialist' | 'admin';
          channel?: 'all' | 'telegram' | 'web_push';
          enabled?: boolean;
          ad_template_id?: number;
          limit?: number;
          cursor?: string;
        };
        header?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Headers;
          content: { 'application/json': { items: NotificationSetting[]; next_cursor: string | null } };
        };
      } & Refused<400 | 401 | 403 | 429 | 500 | 503>;
    };
    /** Create a notification setting */
    post: {
      parameters: { path?: never; query?: never; header?: { 'Idempotency-Key'?: string } };
      requestBody: {
        content: {
          'application/json': {
            company_id: number;
            event_type:
              | 'booking_created'
              | 'booking_cancelled'
              | 'booking_rescheduled'
              | 'booking_reminder'
              | 'booking_unconfirmed';
            recipient_role: 'client' | 'specialist' | 'admin';
            channel?: 'all' | 'telegram' | 'web_push';
            enabled?: boolean;
            ad_template_id?: number | null;
          };
        };
      };
      responses: { 201: { headers: Headers; content: { 'application/json': NotificationSetting } } } & Refused<
        400 | 401 | 403 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/notification-settings/{id}': {
    parameters: Record<never, never>;
    /** Get a notification setting */
    get: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-None-Match'?: string } };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': NotificationSetting } };
        304: { headers: Headers; content: Record<never, never> };
      } & Refused<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
    /** Delete a notification setting */
    delete: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-Match'?: string } };
      requestBody?: never;
      responses: { 204: { headers: Headers; content: Record<never, never> } } & Refused<
        400 | 401 | 403 | 404 | 412 | 429 | 500 | 503
      >;
    };
    /** Change a notification setting */
    patch: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-Match'?: string } };
      requestBody: {
        content: {
          'application/merge-patch+json': {
            event_type?:
              | 'booking_created'
              | 'booking_cancelled'
              | 'booking_rescheduled'
              | 'booking_reminder'
              | 'booking_unconfirmed';
            recipient_role?: 'client' | 'specialist' | 'admin';
            channel?: 'all' | 'telegram' | 'web_push';
            enabled?: boolean;
            ad_template_id?: number | null;
          };
          'application/json': {
            event_type?:
              | 'booking_created'
              | 'booking_cancelled'
              | 'booking_rescheduled'
              | 'booking_reminder'
              | 'booking_unconfirmed';
            recipient_role?: 'client' | 'specialist' | 'admin';
            channel?: 'all' | 'telegram' | 'web_push';
            enabled?: boolean;
            ad_template_id?: number | null;
          };
        };
      };
      responses: { 200: { headers: Headers; content: { 'application/json': NotificationSetting } } } & Refused<
        400 | 401 | 403 | 404 | 408 | 409 | 412 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/ad-templates': {
    parameters: Record<never, never>;
    /** List ad templates */
    get: {
      parameters: {
        path?: never;
        query?: { company_id?: number; name?: string; active?: boolean; limit?: number; cursor?: string };
        header?: never;
      };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': { items: AdTemplate[]; next_cursor: string | null } } };
      } & Refused<400 | 401 | 403 | 429 | 500 | 503>;
    };
    /** Create an ad template */
    post: {
      parameters: { path?: never; query?: never; header?: { 'Idempotency-Key'?: string } };
      requestBody: {
        content: {
          'application/json': {
            company_id: number;
            name: string;
            content_tg: string;
            content_html?: string | null;
            active?: boolean;
            valid_until?: string | null;
          };
        };
      };
      responses: { 201: { headers: Headers; content: { 'application/json': AdTemplate } } } & Refused<
        400 | 401 | 403 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/ad-templates/{id}': {
    parameters: Record<never, never>;
    /** Get an ad template */
    get: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-None-Match'?: string } };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': AdTemplate } };
        304: { headers: Headers; content: Record<never, never> };
      } & Refused<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
    /** Delete an ad template */
    delete: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-Match'?: string } };
      requestBody?: never;
      responses: { 204: { headers: Headers; content: Record<never, never> } } & Refused<
        400 | 401 | 403 | 404 | 409 | 412 | 429 | 500 | 503
      >;
    };
    /** Change an ad template */
    patch: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-Match'?: string } };
      requestBody: {
        content: {
          'application/merge-patch+json': {
            name?: string;
            content_tg?: string;
            content_html?: string | null;
            active?: boolean;
            valid_until?: string | null;
          };
          'application/json': {
            name?: string;
            content_tg?: string;
            content_html?: string | null;
            active?: boolean;
            valid_until?: string | null;
          };
        };
      };
      responses: { 200: { headers: Headers; content: { 'application/json': AdTemplate } } } & Refused<
        400 | 401 | 403 | 404 | 408 | 412 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/users/{id}/link': {
    parameters: Record<never, never>;
    /** Make the links that tie a person to Telegram and Web Push */
    post: {
      parameters: { path: { id: number }; query?: never; header?: { 'Idempotency-Key'?: string } };
      requestBody?: { content: { 'application/json': Record<string, never> } };
      responses: {
        201: {
          headers: Headers;
          content: { 'application/json': { telegram_url: string | null; subscribe_url: string; expires_at: string } };
        };
      } & Refused<400 | 401 | 403 | 404 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503>;
    };
  };
  '/v1/push/public-key': {
    parameters: Record<never, never>;
    /** Get the VAPID key that browsers subscribe with */
    get: {
      parameters: { path?: never; query?: never; header?: never };
      requestBody?: never;
      responses: { 200: { headers: Headers; content: { 'application/json': { public_key: string } } } } & Refused<
        400 | 500 | 503
      >;
    };
  };
  '/v1/push/invitation': {
    parameters: Record<never, never>;
    /** See whom a link is for */
    get: {
      parameters: { path?: never; query?: never; header?: never };
      requestBody?: never;
      responses: {
        200: {
          headers: Headers;
          content: {
            'application/json': {
              company_name: string;
              user_id: number;
              user_name: string;
              role: 'client' | 'specialist' | 'admin';
              locale: 'ru' | 'en';
              public_key: string;
            };
          };
        };
      } & Refused<400 | 401 | 500 | 503>;
    };
  };
  '/v1/push-subscriptions': {
    parameters: Record<never, never>;
    /** Subscribe a browser */
    post: {
      parameters: { path?: never; query?: never; header?: { 'Idempotency-Key'?: string } };
      requestBody: {
        content: {
          'application/json': {
            endpoint: string;
            expirationTime?: number | null;
            keys: { p256dh: string; auth: string };
          };
        };
      };
      responses: {
        200: { headers: Headers; content: { 'application/json': PushSubscription } };
        201: { headers: Headers; content: { 'application/json': PushSubscription } };
      } & Refused<400 | 401 | 408 | 409 | 413 | 415 | 422 | 500 | 503>;
    };
    /** Unsubscribe a browser */
    delete: {
      parameters: { path?: never; query?: { endpoint?: string }; header?: never };
      requestBody?: {
        content: {
          'application/json': {
            endpoint: string;
            expirationTime?: number | null;
            keys?: { p256dh: string; auth: string };
          };
        };
      };
      responses: { 204: { headers: Headers; content: Record<never, never> } } & Refused<
        400 | 401 | 408 | 413 | 415 | 422 | 500 | 503
      >;
    };
  };
  '/v1/my/booking': {
    parameters: Record<never, never>;
    /** Get the booking of a link */
    get: {
      parameters: { path?: never; query?: never; header?: never };
      requestBody?: never;
      responses: { 200: { headers: Headers; content: { 'application/json': BookingPage } } } & Refused<
        400 | 401 | 404 | 500 | 503
      >;
    };
  };
  '/v1/my/booking/cancel': {
    parameters: Record<never, never>;
    /** Cancel the booking of a link, as its person */
    post: {
      parameters: { path?: never; query?: never; header?: { 'Idempotency-Key'?: string } };
      requestBody?: { content: { 'application/json': Record<string, never> } };
      responses: { 200: { headers: Headers; content: { 'application/json': BookingPage } } } & Refused<
        400 | 401 | 404 | 408 | 409 | 413 | 415 | 422 | 500 | 503
      >;
    };
  };
  '/v1/my/booking/confirm': {
    parameters: Record<never, never>;
    /** Say that one comes to the booking of a link, as its client */
    post: {
      parameters: { path?: never; query?: never; header?: { 'Idempotency-Key'?: string } };
      requestBody: { content: { 'application/json': { starts_at: string } } };
      responses: { 200: { headers: Headers; content: { 'application/json': BookingPage } } } & Refused<
        400 | 401 | 403 | 404 | 408 | 409 | 412 | 413 | 415 | 422 | 500 | 503
      >;
    };
  };
  '/booking.ics': {
    parameters: Record<never, never>;
    /** Get the booking as a calendar file */
    get: {
      parameters: { path?: never; query: { token: string }; header?: never };
      requestBody?: never;
      responses: { 200: { headers: Headers; content: { 'text/calendar; charset=utf-8': string } } } & Refused<
        400 | 401 | 404 | 500 | 503
      >;
    };
  };
  '/v1/webhook-endpoints': {
    parameters: Record<never, never>;
    /** List endpoints */
    get: {
      parameters: {
        path?: never;
        query?: { limit?: number; cursor?: string; company_id?: number; enabled?: boolean };
        header?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Headers;
          content: { 'application/json': { items: WebhookEndpoint[]; next_cursor: string | null } };
        };
      } & Refused<400 | 401 | 403 | 429 | 500 | 503>;
    };
    /** Add an endpoint */
    post: {
      parameters: { path?: never; query?: never; header?: { 'Idempotency-Key'?: string } };
      requestBody: {
        content: {
          'application/json': {
            company_id: number;
            url: string;
            event_types?: ('delivery.sent' | 'delivery.failed' | 'user.unreachable' | 'broadcast.completed')[];
          };
        };
      };
      responses: { 201: { headers: Headers; content: { 'application/json': WebhookEndpointWithSecret } } } & Refused<
        400 | 401 | 403 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/webhook-endpoints/{id}': {
    parameters: Record<never, never>;
    /** Get an endpoint */
    get: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-None-Match'?: string } };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': WebhookEndpoint } };
        304: { headers: Headers; content: Record<never, never> };
      } & Refused<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
    /** Delete an endpoint with its messages */
    delete: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-Match'?: string } };
      requestBody?: never;
      responses: { 204: { headers: Headers; content: Record<never, never> } } & Refused<
        400 | 401 | 403 | 404 | 412 | 429 | 500 | 503
      >;
    };
    /** Change an endpoint, or switch it on or off */
    patch: {
      parameters: { path: { id: number }; query?: never; header?: { 'If-Match'?: string } };
      requestBody: {
        content: {
          'application/merge-patch+json': {
            url?: string;
            event_types?: ('delivery.sent' | 'delivery.failed' | 'user.unreachable' | 'broadcast.completed')[];
            enabled?: boolean;
          };
          'application/json': {
            url?: string;
            event_types?: ('delivery.sent' | 'delivery.failed' | 'user.unreachable' | 'broadcast.completed')[];
            enabled?: boolean;
          };
        };
      };
      responses: { 200: { headers: Headers; content: { 'application/json': WebhookEndpoint } } } & Refused<
        400 | 401 | 403 | 404 | 408 | 412 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/webhook-endpoints/{id}/rotate-secret': {
    parameters: Record<never, never>;
    /** Give an endpoint a new secret */
    post: {
      parameters: { path: { id: number }; query?: never; header?: { 'Idempotency-Key'?: string } };
      requestBody?: { content: { 'application/json': Record<string, never> } };
      responses: { 200: { headers: Headers; content: { 'application/json': WebhookEndpointWithSecret } } } & Refused<
        400 | 401 | 403 | 404 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/webhook-endpoints/{id}/test': {
    parameters: Record<never, never>;
    /** Send a `webhook.test` */
    post: {
      parameters: { path: { id: number }; query?: never; header?: { 'Idempotency-Key'?: string } };
      requestBody?: { content: { 'application/json': Record<string, never> } };
      responses: { 202: { headers: Headers; content: { 'application/json': { message_id: string } } } } & Refused<
        400 | 401 | 403 | 404 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503
      >;
    };
  };
  '/v1/webhook-messages': {
    parameters: Record<never, never>;
    /** List what endpoints were told, the oldest first */
    get: {
      parameters: {
        path?: never;
        query?: {
          limit?: number;
          cursor?: string;
          company_id?: number;
          endpoint_id?: number;
          status?: 'pending' | 'delivered' | 'failed';
          type?: 'delivery.sent' | 'delivery.failed' | 'user.unreachable' | 'broadcast.completed' | 'webhook.test';
        };
        header?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Headers;
          content: { 'application/json': { items: WebhookMessage[]; next_cursor: string | null } };
        };
      } & Refused<400 | 401 | 403 | 429 | 500 | 503>;
    };
  };
  '/v1/webhook-messages/replay': {
    parameters: Record<never, never>;
    /** Send messages again */
    post: {
      parameters: { path?: never; query?: never; header?: { 'Idempotency-Key'?: string } };
      requestBody: { content: { 'application/json': { endpoint_id: number; ids?: string[]; since?: string } } };
      responses: {
        200: {
          headers: Headers;
          content: { 'application/json': { replayed: number; missing: string[]; more: boolean } };
        };
      } & Refused<400 | 401 | 403 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503>;
    };
  };
  '/healthz': {
    parameters: Record<never, never>;
    /** See whether the process lives */
    get: {
      parameters: { path?: never; query?: never; header?: never };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': { status: 'ok'; tzdata: string } } };
      } & Refused<400 | 500 | 503>;
    };
  };
  '/readyz': {
    parameters: Record<never, never>;
    /** See whether it takes requests */
    get: {
      parameters: { path?: never; query?: never; header?: never };
      requestBody?: never;
      responses: {
        200: {
          headers: Headers;
          content: { 'application/json': { status: 'ok' | 'degraded' | 'unavailable'; reasons: string[] } };
        };
        503: {
          headers: Headers;
          content: {
            'application/json': { status: 'ok' | 'degraded' | 'unavailable'; reasons: string[] };
            'application/problem+json': Problem;
          };
        };
      } & Refused<400 | 500>;
    };
  };
  '/metrics': {
    parameters: Record<never, never>;
    /** Get the metrics for Prometheus */
    get: {
      parameters: { path?: never; query?: never; header?: never };
      requestBody?: never;
      responses: { 200: { headers: Headers; content: { 'text/plain': string } } } & Refused<400 | 500 | 503>;
    };
  };
  '/openapi.json': {
    parameters: Record<never, never>;
    /** Get this document */
    get: {
      parameters: { path?: never; query?: never; header?: never };
      requestBody?: never;
      responses: {
        200: { headers: Headers; content: { 'application/json': { openapi: '3.1.1' } } };
        304: { headers: Headers; content: Record<never, never> };
      } & Refused<400 | 500 | 503>;
    };
  };
  '/v1/live': {
    parameters: Record<never, never>;
    /** Listen how the broadcasts of a company go, over a WebSocket */
    get: {
      parameters: { path?: never; query: { company_id: number }; header?: never };
      requestBody?: never;
      responses: { 101: { headers: Headers; content: Record<never, never> } } & Refused<
        400 | 401 | 403 | 404 | 426 | 429 | 500 | 503
      >;
    };
  };
}
