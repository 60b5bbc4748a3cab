import type { Step } from './explanation.ts';
import type { Findings } from './findings.ts';

/** How it went when it was told: attempts, and the end. */
export function endingSteps(findings: Findings): Step[] {
  return [...attemptsStep(findings), ...outcomeStep(findings)];
}

function attemptsStep({ logged, letter, traced }: Findings): Step[] {
  const record = (traced ?? []).find((entry) => entry.record)?.record;
  if (record) {
    const last_error = failureOf(record.note);
    const error = last_error === null ? '' : ` The first failure was "${last_error}".`;
    return [
      {
        step: 'attempts',
        as_of: 'now',
        says: `Attempts so far: ${record.attempts}, state ${record.state}.${error}`,
        facts: { attempts: record.attempts, state: record.state, first_error: last_error, last_error: null },
      },
    ];
  }
  if (letter) {
    const { attempts, first_error, last_error, first_failed_at, died_at, id: dead_letter_id } = letter;
    return [
      {
        step: 'attempts',
        as_of: 'then',
        says: `Attempts: ${attempts ?? 'unknown'}; first "${first_error ?? ''}", last "${last_error ?? ''}". The dead letter ${dead_letter_id} can be replayed.`,
        facts: { attempts, first_error, last_error, first_failed_at, died_at, dead_letter_id },
      },
    ];
  }
  if (!logged) return [];
  const { attempts, reason, status } = logged;
  const last_error = status === 'dead' ? reason : null;
  const error = last_error === null ? '' : ` The last failure was "${last_error}".`;
  return [
    {
      step: 'attempts',
      as_of: 'then',
      says: `Attempts: ${attempts}.${error}`,
      facts: { attempts, first_error: null, last_error },
    },
  ];
}

/** A failure as the ledger keeps it: `{code, message}`. */
function failureOf(note: unknown): string | null {
  if (typeof note !== 'object' || note === null || !('code' in note) || !('message' in note)) return null;
  return `${String(note.code)}: ${String(note.message)}`;
}

function outcomeStep({ logged, event }: Findings): Step[] {
  if (!logged) return [];
  const { status, reason, finished_at } = logged;
  const took_ms = event?.ts == null ? null : Math.max(0, finished_at.getTime() - event.ts * 1000);
  const because = reason === null ? '' : ` (${reason})`;
  return [
    {
      step: 'outcome',
      as_of: 'then',
      says: `It ended as ${status}${because} at ${finished_at.toISOString()}.`,
      facts: { status, reason, finished_at, took_ms },
    },
  ];
}
