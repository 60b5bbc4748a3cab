import type { DialoguePress } from '../domain/reschedule-dialogue.ts';

/** What a button of the reschedule dialogue says when it is pressed. Times are instants: an hour may come twice. */
export function pressData(press: DialoguePress): string {
  switch (press.kind) {
    case 'day':
      return `bkr:day:${press.date}`;
    case 'time':
      return `bkr:time:${new Date(press.starts_at).toISOString().slice(0, 'YYYY-MM-DDTHH:mm'.length)}Z`;
    case 'confirm':
    case 'back':
    case 'cancel':
    case 'prev':
    case 'next':
    case 'noop':
      return `bkr:${press.kind}`;
    default:
      return press satisfies never;
  }
}

/** Null for what no button of ours says; a day or an instant of the right shape need not exist. */
export function pressOf(data: string): DialoguePress | null {
  const [, kind, choice] = /^bkr:([a-z]+)(?::(.+))?$/.exec(data) ?? [];
  if (choice === undefined) {
    switch (kind) {
      case 'confirm':
      case 'back':
      case 'cancel':
      case 'prev':
      case 'next':
      case 'noop':
        return { kind };
      default:
        return null;
    }
  }
  if (kind === 'day' && /^\d{4}-\d\d-\d\d$/.test(choice)) return { kind, date: choice };
  const at = kind === 'time' && /^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/.test(choice) ? Date.parse(choice) : Number.NaN;
  return kind === 'time' && !Number.isNaN(at) ? { kind, starts_at: new Date(at).toISOString() } : null;
}
