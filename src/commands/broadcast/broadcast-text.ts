import { progressText } from '../progress-bar.ts';
import { textTable } from '../text-table.ts';
import type { BroadcastAnswer, PreviewAnswer } from './broadcast-answer.ts';

const UNKNOWN = '–';

/** All about one broadcast, over several lines. */
export function broadcastText(broadcast: BroadcastAnswer): string {
  const { id, company_id, status, send_at, finished_at, audience_size, progress } = broadcast;
  return textTable(
    ['broadcast', `${id} of company ${company_id}${broadcast.is_test ? ', a test' : ''}`],
    [
      ['status', status],
      finished_at === null ? ['send at', send_at] : ['ended at', finished_at],
      ['audience', number(audience_size)],
      ['sent', withParts(progress.sent, progress.sent_by)],
      ['failed', withParts(progress.failed, progress.failed_by)],
      ['suppressed', withParts(progress.suppressed, progress.suppressed_by)],
      ['remaining', remainingText(progress)],
      ...(status === 'running' ? [['rate', `${progress.rate_per_second} a second`]] : []),
      ...(progress.eta === null ? [] : [['ends about', progress.eta]]),
    ],
  );
}

/** How far it has come, in one line. */
export function broadcastLine({ status, send_at, audience_size, progress }: BroadcastAnswer, now: Date): string {
  if (audience_size === null) return status === 'scheduled' ? `scheduled for ${send_at}` : status;
  const { sent, failed, suppressed, rate_per_second, eta } = progress;
  const parts = [progressText(sent + failed + suppressed, audience_size)];
  if (failed > 0) parts.push(`${failed} failed`);
  if (status !== 'running') parts.push(status);
  else if (rate_per_second > 0) parts.push(`${rate_per_second}/s`);
  if (status === 'running' && eta !== null) parts.push(`${duration(Date.parse(eta) - now.getTime())} left`);
  return parts.join(', ');
}

export function broadcastTable(broadcasts: readonly BroadcastAnswer[]): string {
  const head = ['ID', 'COMPANY', 'STATUS', 'SEND AT', 'AUDIENCE', 'SENT', 'FAILED', 'SUPPRESSED', 'REMAINING'];
  return textTable(
    head,
    broadcasts.map(({ id, company_id, status, is_test, send_at, audience_size, progress }) => [
      String(id),
      String(company_id),
      is_test ? `${status} (test)` : status,
      send_at,
      number(audience_size),
      String(progress.sent),
      String(progress.failed),
      String(progress.suppressed),
      number(progress.remaining),
    ]),
  );
}

export function previewText(preview: PreviewAnswer): string {
  const { audience_size, reached_by, opted_out, unreachable, no_channel, waiting_quiet } = preview;
  const { duration_s, eta, sample, test } = preview;
  const facts = textTable(
    ['audience', String(audience_size)],
    [
      ...Object.entries(reached_by).map(([channel, count]) => [`by ${channel}`, String(count)]),
      ['opted out', String(opted_out)],
      ['unreachable', String(unreachable)],
      ['no channel', String(no_channel)],
      ...(waiting_quiet === 0 ? [] : [['in quiet hours', String(waiting_quiet)]]),
      ['takes', duration(duration_s * 1000)],
      ['ends about', eta],
      ...(test ? [['test', `broadcast ${test.broadcast_id}, to user ${test.user_id}`]] : []),
    ],
  );
  if (sample === null) return facts;
  const buttons = sample.buttons.map((button) => `[${button}]\n`).join('');
  return `${facts}\nAs user ${sample.user_id} would see it:\n${printable(sample.html)}\n${buttons}`;
}

function remainingText({ remaining, waiting_quiet }: BroadcastAnswer['progress']): string {
  return remaining === null ? UNKNOWN : withParts(remaining, { 'in quiet hours': waiting_quiet });
}

const number = (count: number | null): string => (count === null ? UNKNOWN : String(count));

function withParts(total: number, parts: Record<string, number>): string {
  const told = Object.entries(parts).filter(([, count]) => count > 0);
  return told.length === 0
    ? String(total)
    : `${total} (${told.map(([name, count]) => `${name}: ${count}`).join(', ')})`;
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** Lines are kept; what else could move the cursor is not. */
const printable = (text: string): string => text.replace(/[^\P{C}\n]+/gu, ' ');
