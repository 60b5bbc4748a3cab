import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type BookingSchedule, type BookingStatus, bookingState, type Confirmable, supersession } from './bookings.ts';
import type { BookingEvent, BookingEventType } from './events.ts';
import { type Person, type Recipient, selectRecipients } from './recipients.ts';
import { DEFAULT_SETTINGS } from './settings.ts';

const IVAN: Person = { id: 1, role: 'client', tg_id: 101, telegram_unreachable: null };
const SPECIALISTS = { anna: 2, vera: 3, galina: 4 } as const;
/** An admin who also takes bookings. */
const OLGA: Person = { id: 5, role: 'admin', tg_id: 105, telegram_unreachable: null };
const IDS = { ...SPECIALISTS, olga: OLGA.id };
const USERS: Person[] = [
  IVAN,
  OLGA,
  ...Object.values(SPECIALISTS).map(
    (id): Person => ({ id, role: 'specialist', tg_id: 100 + id, telegram_unreachable: null }),
  ),
];
const HOURS = { 'at 3': 12, 'at 2': 11 } as const;

const LONG_BEFORE = new Date('2027-01-01T00:00:00Z');

/** To whom or to which hour the booking is moved, or that it is cancelled. */
type Step = keyof typeof IDS | keyof typeof HOURS | 'cancel';
type Standing = BookingSchedule & Confirmable & { status: BookingStatus; version: number };
/** An event, and the booking as it left it. */
type Happened = { event: BookingEvent; after: Standing };

/** What someone understands of one message. */
const MEANINGS: Record<BookingEventType, string> = {
  booking_created: 'new',
  booking_rescheduled: 'changed',
  booking_cancelled: 'cancelled',
  booking_reminder: 'soon',
  booking_unconfirmed: 'confirm it',
};

function meaning({ type, change }: BookingEvent, { audience }: Recipient): string {
  if (audience === 'former_specialist') return 'left you';
  const isHandover = change?.from && change.from.specialist_id !== change.to.specialist_id;
  return audience === 'specialist' && isHandover ? 'now yours' : MEANINGS[type];
}

function happened(type: BookingEventType, before: Standing | null, after: Standing): Happened {
  const change = { version: after.version, from: before && bookingState(before), to: bookingState(after) };
  const initiated_by = { user_id: null, role: 'system', channel: 'api' } as const;
  const event = { id: `e${after.version}`, type, company_id: 1, booking_id: 123, initiated_by, ts: 0, change };
  return { event, after };
}

/** The booking is made at two with the first; a step that changes nothing is no event. */
function story(first: keyof typeof IDS, steps: readonly Step[]): Happened[] {
  const specialist_id = IDS[first];
  const starts_at = new Date('2027-01-28T11:00:00Z');
  let now: Standing = {
    starts_at,
    specialist_id,
    service_id: 1,
    location_id: 1,
    duration_min: 60,
    status: 'created',
    version: 1,
    confirmed_starts_at: null,
  };
  const events = [happened('booking_created', null, now)];
  for (const step of steps) {
    const after = { ...now, ...effect(step), version: now.version + 1 };
    const isSame =
      JSON.stringify([bookingState(after), after.status]) === JSON.stringify([bookingState(now), now.status]);
    if (isSame || now.status === 'cancelled') continue;
    events.push(happened(step === 'cancel' ? 'booking_cancelled' : 'booking_rescheduled', now, after));
    now = after;
  }
  return events;
}

function effect(step: Step): Partial<Standing> {
  if (step === 'cancel') return { status: 'cancelled' };
  if (step === 'at 2' || step === 'at 3') return { starts_at: new Date(Date.UTC(2027, 0, 28, HOURS[step])) };
  return { specialist_id: IDS[step] };
}

/** What the event tells the user when it is sent with the booking standing so; null for nothing. */
function told(event: BookingEvent, standing: Standing, userId: number): string | null {
  const booking = { client_id: IVAN.id, specialist_id: standing.specialist_id };
  const { chosen } = selectRecipients({ event, booking, users: USERS, settings: DEFAULT_SETTINGS });
  let recipient = chosen.find(({ user_id }) => user_id === userId);
  while (recipient && supersession(event, standing, recipient, LONG_BEFORE)) recipient = recipient.otherwise;
  return recipient ? meaning(event, recipient) : null;
}

/** All that the user is told; the first `onTime` events at once, the others after the last of them. */
function heardLate(events: readonly Happened[], onTime: number, userId: number): string {
  const end = events.at(-1)?.after;
  return events
    .map(({ event, after }, index) => told(event, index < onTime || !end ? after : end, userId))
    .filter((message) => message !== null)
    .join(', ');
}

interface Case {
  what: string;
  first?: keyof typeof IDS;
  steps: Step[];
  /** Events told at once; the booking's creation is the first. */
  onTime: number;
  client: string;
  staff: Partial<Record<keyof typeof IDS, string>>;
}

const CASES: Case[] = [
  {
    what: 'a replaced specialist hears that it left them, though it is cancelled by then',
    steps: ['vera', 'cancel'],
    onTime: 1,
    client: 'new, cancelled',
    staff: { anna: 'new, left you', vera: 'cancelled' },
  },
  {
    what: 'of two hand-overs the last one hears of theirs, once',
    steps: ['vera', 'galina'],
    onTime: 1,
    client: 'new, changed, changed',
    staff: { anna: 'new, left you', vera: 'left you', galina: 'now yours' },
  },
  {
    what: 'who gets it after one it never reached hears of no creation',
    steps: ['vera'],
    onTime: 0,
    client: 'new, changed',
    staff: { anna: 'left you', vera: 'now yours', olga: 'new, changed' },
  },
  {
    what: 'who has it again does not hear that it left',
    steps: ['vera', 'anna'],
    onTime: 1,
    client: 'new, changed',
    staff: { anna: 'new, now yours', vera: 'left you' },
  },
  {
    what: 'who had it again when it was cancelled hears just that',
    steps: ['vera', 'anna', 'cancel'],
    onTime: 1,
    client: 'new, cancelled',
    staff: { anna: 'new, cancelled', vera: 'left you' },
  },
  {
    what: 'who gets a moved booking does not hear how it was moved before',
    steps: ['at 3', 'vera'],
    onTime: 1,
    client: 'new, changed, changed',
    staff: { anna: 'new, left you', vera: 'now yours' },
  },
  {
    what: 'of a booking that never was, the client hears the end and those it passed are freed',
    steps: ['vera', 'cancel'],
    onTime: 0,
    client: 'cancelled',
    staff: { anna: 'left you', vera: 'cancelled', olga: 'cancelled' },
  },
  {
    what: 'an admin whom it left before they heard of it still gets the card of an admin',
    first: 'olga',
    steps: ['vera'],
    onTime: 0,
    client: 'new, changed',
    staff: { olga: 'new, left you', vera: 'now yours' },
  },
  {
    what: 'without delay everyone hears each change',
    steps: ['vera', 'at 3', 'cancel'],
    onTime: 4,
    client: 'new, changed, changed, cancelled',
    staff: { anna: 'new, left you', vera: 'now yours, changed, cancelled', olga: 'new, changed, changed, cancelled' },
  },
];

describe('who hears what when messages are late', () => {
  for (const { what, first = 'anna', steps, onTime, client, staff } of CASES)
    test(`${what}: ${[first, ...steps].join(' → ')}`, () => {
      const events = story(first, steps);
      assert.equal(heardLate(events, onTime, IVAN.id), client);
      const names = Object.keys(staff) as (keyof typeof IDS)[];
      const heard = names.map((name) => [name, heardLate(events, onTime, IDS[name])]);
      assert.deepEqual(Object.fromEntries(heard), staff);
    });
});

const STEPS: Step[] = ['anna', 'vera', 'galina', 'at 3', 'at 2', 'cancel'];
const MAX_STEPS = 4;

function* sequences(length: number): Generator<Step[]> {
  if (length === 0) return yield [];
  for (const rest of sequences(length - 1)) for (const step of STEPS) yield [step, ...rest];
}

/** Every way in which one person's messages, in order, may be sent: each after its own event or a later one. */
function* delays(count: number, from = 0): Generator<number[]> {
  if (from === count) return yield [];
  for (const rest of delays(count, from + 1))
    for (let at = from; at <= (rest[0] ?? count - 1); at += 1) yield [at, ...rest];
}

/** What a specialist must have in mind at the end, so that nobody waits for a client in vain or misses one. */
function assertInformed(heard: readonly string[], end: Standing | undefined, userId: number, context: string): void {
  const last = heard.at(-1);
  const everHad = heard.includes('new') || heard.includes('now yours');
  if (end?.specialist_id !== userId) assert.equal(last === 'left you' || !everHad, true, context);
  else if (end.status === 'cancelled') assert.equal(last, 'cancelled', context);
  else assert.equal(everHad && last !== 'left you', true, context);
}

test('whatever happens and however late: what each specialist is told is true then, and the last is how it ended', () => {
  const stories = new Map<string, Happened[]>();
  for (const steps of sequences(MAX_STEPS)) {
    const events = story('anna', steps);
    stories.set(JSON.stringify(events), events);
  }
  for (const events of stories.values()) {
    const standings = events.map(({ after }) => after);
    for (const sentAt of delays(events.length))
      for (const userId of Object.values(SPECIALISTS)) {
        const context = `${userId} of ${JSON.stringify(standings)} sent at ${sentAt}`;
        const heard: string[] = [];
        for (const [index, { event, after }] of events.entries()) {
          const standing = standings[sentAt[index] ?? index] ?? after;
          const message = told(event, standing, userId);
          if (message === null) continue;
          assert.equal(message === 'left you', standing.specialist_id !== userId, context);
          heard.push(message);
        }
        assertInformed(heard, standings.at(-1), userId, context);
      }
  }
});
