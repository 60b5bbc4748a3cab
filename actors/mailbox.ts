/** What can be told that a long wait begins or ends, so that it frees its place for others. */
export interface Parkable {
  park(): void;
  unpark(): void;
}

/** One message's work for one recipient. */
export interface Task {
  /** The place in memory that waits for it. */
  readonly place: Parkable;
  /** Calls the mailbox's `next` once, when it has ended in whatever way. */
  run(mailbox: Mailbox): void;
}

/** The tasks of one recipient: one under way, the others behind it. Parked, it parks them all. */
export class Mailbox implements Parkable {
  #current: Task;
  #waiting: Task[] | null = null;
  #isParked = false;
  readonly #emptied: () => void;

  /** The first task begins with `begin`. */
  constructor(first: Task, emptied: () => void) {
    this.#current = first;
    this.#emptied = emptied;
  }

  begin(): void {
    this.#current.run(this);
  }

  add(task: Task): void {
    if (this.#waiting) this.#waiting.push(task);
    else this.#waiting = [task];
    if (this.#isParked) task.place.park();
  }

  next(): void {
    const task = this.#waiting?.shift();
    if (task) {
      this.#current = task;
      task.run(this);
    } else this.#emptied();
  }

  park(): void {
    this.#isParked = true;
    this.#current.place.park();
    for (const { place } of this.#waiting ?? []) place.park();
  }

  unpark(): void {
    this.#isParked = false;
    this.#current.place.unpark();
    for (const { place } of this.#waiting ?? []) place.unpark();
  }
}

/** One mailbox per recipient: its tasks run one after another, mailboxes beside each other. */
export interface Mailboxes {
  post(recipient: string, task: Task): void;
  /** Whether a task of the recipient is under way or waiting. */
  isBusy(recipient: string): boolean;
  /** Recipients with a task under way or waiting. */
  readonly size: number;
}

export function createMailboxes(): Mailboxes {
  const mailboxes = new Map<string, Mailbox>();

  return {
    post(recipient, task) {
      const known = mailboxes.get(recipient);
      if (known) {
        known.add(task);
        return;
      }
      // The actor passivates: an empty mailbox leaves nothing behind.
      const mailbox = new Mailbox(task, () => void mailboxes.delete(recipient));
      mailboxes.set(recipient, mailbox);
      mailbox.begin();
    },
    isBusy: (recipient) => mailboxes.has(recipient),
    get size() {
      return mailboxes.size;
    },
  };
}
