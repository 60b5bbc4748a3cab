import type { ReaderFacts } from '../db/explain-reads.ts';
import { CHANNELS, type Channel } from '../domain/events.ts';
import { quietAt } from '../domain/quiet-hours.ts';
import { settingsRole } from '../domain/recipients.ts';
import { decidingRow } from '../domain/settings.ts';
import type { Step } from './explanation.ts';
import type { Findings } from './findings.ts';
import { EXCLUSIONS, isExclusion, unreachableWords } from './reasons.ts';
import { endingSteps } from './steps-of-ending.ts';
import { isConcerned } from './verdict.ts';

/** The way from the event to its end, step by step. */
export function stepsOf(findings: Findings): Step[] {
  if (!findings.event) return [];
  const isTold = findings.logged !== null || isConcerned(findings);
  return [
    ...eventStep(findings),
    userStep(findings),
    ...roleStep(findings),
    ...(isTold ? [...exclusionStep(findings), ...settingsStep(findings), ...readerSteps(findings)] : []),
    ...endingSteps(findings),
  ];
}

const SOURCES: Readonly<Record<NonNullable<Findings['source']>, string>> = {
  stream: 'The event is under way: its entry is in the stream',
  outbox: 'The event is committed and waits in the outbox',
  held: 'The event is committed and waits for further moves of the booking',
  dead_letter: 'The event is known from a dead letter',
  log: 'The delivery log tells of the event',
  broadcast: 'The broadcast is known, and nothing of this part is under way or in the log',
};

function eventStep({ event, source, held_until }: Findings): Step[] {
  if (!event || !source) return [];
  const { type, ts, initiated_by, booking, broadcast, merged_versions } = event;
  const about = booking
    ? `${type} of booking ${booking.booking_id}`
    : broadcast
      ? `broadcast ${broadcast.broadcast_id}`
      : type;
  return [
    {
      step: 'event',
      as_of: 'then',
      says: `${SOURCES[source]}: ${about}.${mergedWords(merged_versions)}`,
      facts: {
        ...{ source, type, initiated_by },
        booking_id: booking?.booking_id ?? null,
        broadcast_id: broadcast?.broadcast_id ?? null,
        happened_at: ts === null ? null : new Date(ts * 1000),
        ...{ merged_versions, held_until },
      },
    },
  ];
}

const mergedWords = (versions: readonly number[] | null): string =>
  versions === null ? '' : ` It tells in one what the moves to versions ${versions.join(', ')} have come to.`;

function userStep({ user_id, reader }: Findings): Step {
  const says = !reader
    ? `There is no user ${user_id} in this company.`
    : `User ${user_id} is ${reader.is_erased ? 'erased' : `of the role ${reader.role}`}.`;
  return {
    step: 'user',
    as_of: 'now',
    says,
    facts: { exists: reader !== null, role: reader?.role ?? null, is_erased: reader?.is_erased ?? null },
  };
}

const roleNow = ({ selection }: Findings) => selection?.chosen?.audience ?? selection?.excluded?.audience ?? null;

function roleStep(findings: Findings): Step[] {
  const { logged, event, chunk, broadcast, user_id } = findings;
  if (logged)
    return [
      { step: 'role', as_of: 'then', says: `They were concerned as ${logged.role}.`, facts: { role: logged.role } },
    ];
  if (event?.type === 'broadcast') {
    const isMember = chunk?.members.includes(user_id) ?? false;
    const says = isMember
      ? 'They are among the people of this part of the broadcast.'
      : chunk
        ? 'They are not among the people of this part of the broadcast.'
        : broadcast?.mayCome
          ? 'Whether they are among the people of the broadcast is not decided yet.'
          : 'They are not among the people of the broadcast.';
    return [{ step: 'role', as_of: 'then', says, facts: { role: isMember ? (findings.reader?.role ?? null) : null } }];
  }
  if (event?.day) {
    const isTheirs = event.day.user_id === user_id;
    const says = isTheirs ? 'It is the list of their own day.' : 'It is the list of another specialist.';
    return [{ step: 'role', as_of: 'then', says, facts: { role: isTheirs ? 'specialist' : null } }];
  }
  const role = roleNow(findings);
  const says = role === null ? 'They have no place in the booking.' : `They are concerned as ${role}.`;
  return [{ step: 'role', as_of: 'now', says, facts: { role } }];
}

function exclusionStep({ event, logged, selection }: Findings): Step[] {
  if (!event?.booking) return [];
  const reason = logged ? (isExclusion(logged.reason) ? logged.reason : null) : (selection?.excluded?.reason ?? null);
  const says = reason === null ? 'No rule leaves them out.' : `They are left out: ${EXCLUSIONS[reason]}.`;
  return [{ step: 'exclusion', as_of: logged ? 'then' : 'now', says, facts: { reason } }];
}

function settingsStep(findings: Findings): Step[] {
  const { event, selection, logged } = findings;
  if (!event?.booking || !selection) return [];
  const audience = logged?.role ?? roleNow(findings);
  const event_type = event.booking.type;
  const recipient_role = settingsRole(audience === 'client' || audience === 'admin' ? audience : 'specialist');
  const channels = CHANNELS.map((channel) => {
    const row = decidingRow(selection.settings, { event_type, recipient_role, channel });
    return { channel, enabled: row?.enabled ?? false, decided_by: row?.channel ?? null };
  });
  const said = channels.map(({ channel, enabled, decided_by }) => {
    const by = decided_by === null ? 'no row' : `the row for ${decided_by}`;
    return `${channel} is ${enabled ? 'on' : 'off'} (${by})`;
  });
  return [
    {
      step: 'settings',
      as_of: 'now',
      says: `For ${event_type} and ${recipient_role}: ${said.join(', ')}.`,
      facts: { event_type, recipient_role, channels },
    },
  ];
}

function openChannels({ event, selection }: Findings): readonly Channel[] {
  return event?.broadcast || event?.day ? CHANNELS : (selection?.chosen?.channels ?? []);
}

function readerSteps(findings: Findings): Step[] {
  const { reader, event, chunk } = findings;
  if (!reader || !event) return [];
  const { ads_opt_out, has_telegram, telegram_unreachable, web_push_unreachable, devices } = reader;
  const counts = event.broadcast !== null && !chunk?.is_test;
  const telegram = !has_telegram
    ? 'they have no Telegram account here'
    : telegram_unreachable === null
      ? 'Telegram reaches them'
      : `Telegram does not reach them: ${unreachableWords(telegram_unreachable)}`;
  const open = openChannels(findings);
  const way = CHANNELS.find(
    (channel) =>
      open.includes(channel) && (channel === 'telegram' ? has_telegram && telegram_unreachable === null : devices > 0),
  );
  return [
    {
      step: 'opt_out',
      as_of: 'now',
      says: `${ads_opt_out ? 'They do not want ads' : 'They take ads'}${counts ? '' : ', which does not matter here'}.`,
      facts: { ads_opt_out, matters: counts },
    },
    quietStep(findings, reader),
    {
      step: 'reachability',
      as_of: 'now',
      says: `By now ${telegram}; subscribed browsers: ${devices}.`,
      facts: { has_telegram, telegram_unreachable, devices, web_push_unreachable },
    },
    {
      step: 'channel',
      as_of: findings.logged ? 'then' : 'now',
      says: channelSays(findings, way ?? null),
      facts: { channel: findings.logged ? findings.logged.channel : (way ?? null) },
    },
  ];
}

function quietStep({ event, chunk, now }: Findings, reader: ReaderFacts): Step {
  const { quiet_hours, time_zone } = reader;
  const kind = event?.type === 'broadcast' ? 'broadcasts' : 'messages';
  const matters = !chunk?.is_test;
  const quiet = quietAt(reader, kind, now);
  const what = kind === 'broadcasts' ? 'ads wait' : 'messages come without a sound';
  const says = quiet
    ? `Until ${quiet.until.toISOString()} they have quiet hours: ${what}`
    : `They have no quiet hours for ${kind === 'broadcasts' ? 'ads' : 'messages'} now`;
  const facts = { hours: quiet_hours[kind], time_zone, until: quiet?.until ?? null, matters };
  return { step: 'quiet_hours', as_of: 'now', says: `${says}${matters ? '' : ', which does not matter here'}.`, facts };
}

function channelSays({ logged }: Findings, way: Channel | null): string {
  if (logged) return logged.channel === null ? 'No channel was used.' : `The channel was ${logged.channel}.`;
  return way === null ? 'No channel would be used now.' : `The channel would be ${way} now.`;
}
