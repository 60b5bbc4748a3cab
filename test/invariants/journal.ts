import type { Note } from '../support/scripted-handler.ts';

/** One send; without an end where its process was killed, or still sends. */
export interface Send {
  by: string;
  n: number;
  recipient: string;
  attempt: number;
  beganAt: number;
  endedAt: number | null;
  outcome: 'done' | 'failed' | 'deferred' | 'aborted' | null;
}

/** What went into the delivery log, once for each time it was written. */
export interface Ending {
  by: string;
  n: number;
  recipient: string;
  attempts: number;
  receipt: string;
}

/** What all owners of a test did, over all processes. */
export interface Journal {
  note(note: Note): void;
  /** In the order of their begin. */
  sends(): Send[];
  endings(): Ending[];
  /** The delivery log: the receipt that was recorded. */
  logged(n: number, recipient: string): string | undefined;
  /** The entries that were recorded to their last recipient. */
  closed(): number[];
}

export function createJournal(): Journal {
  const sends: Send[] = [];
  const open = new Map<string, Send>();
  const endings: Ending[] = [];
  const closed: number[] = [];
  const log = new Map<string, string>();
  const keyOf = ({ by, n, recipient, attempt }: Pick<Send, 'by' | 'n' | 'recipient' | 'attempt'>) =>
    `${by} ${n} ${recipient} ${attempt}`;

  return {
    note(note) {
      const { by, at, n } = note;
      if (note.what === 'recorded') {
        for (const result of note.results) {
          endings.push({ by, n, ...result });
          log.set(`${n} ${result.recipient}`, result.receipt);
        }
        if (note.last) closed.push(n);
        return;
      }
      const { recipient, attempt } = note;
      if (note.what === 'began') {
        const send: Send = { by, n, recipient, attempt, beganAt: at, endedAt: null, outcome: null };
        sends.push(send);
        open.set(keyOf(send), send);
        return;
      }
      const send = open.get(keyOf(note));
      if (send) Object.assign(send, { endedAt: at, outcome: note.outcome });
    },
    sends: () => sends.toSorted((a, b) => a.beganAt - b.beganAt),
    endings: () => endings,
    logged: (n, recipient) => log.get(`${n} ${recipient}`),
    closed: () => closed,
  };
}

/** The sends by recipient. */
const byRecipient = (sends: readonly Send[]): Map<string, Send[]> => {
  const groups = new Map<string, Send[]>();
  for (const send of sends) groups.set(send.recipient, [...(groups.get(send.recipient) ?? []), send]);
  return groups;
};

/** Two sends to one recipient at the same moment. What a killed process was sending ended with it. */
export function overlaps(sends: readonly Send[]): [Send, Send][] {
  const found: [Send, Send][] = [];
  for (const ofOne of byRecipient(sends).values()) {
    let before: Send | undefined;
    for (const send of ofOne) {
      if (before?.endedAt && before.endedAt > send.beganAt) found.push([before, send]);
      before = send;
    }
  }
  return found;
}

/** Of each recipient, the entries in the order in which they were first delivered. */
export function firstDeliveries(sends: readonly Send[]): Map<string, number[]> {
  const orders = new Map<string, number[]>();
  for (const [recipient, ofOne] of byRecipient(sends)) {
    const order = new Set(ofOne.filter(({ outcome }) => outcome === 'done').map(({ n }) => n));
    orders.set(recipient, [...order]);
  }
  return orders;
}

/** Sends after an earlier one of the same entry that delivered it, or may have. */
export function repeats(sends: readonly Send[]): Send[] {
  const delivered = new Set<string>();
  return sends.filter((send) => {
    const key = `${send.n} ${send.recipient}`;
    const isRepeat = delivered.has(key);
    if (send.outcome === 'done' || send.outcome === null) delivered.add(key);
    return isRepeat;
  });
}
