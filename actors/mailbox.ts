/** One mailbox per recipient: its tasks run one after another, mailboxes beside each other. */
export interface Mailboxes {
  /** Resolves or rejects as the task does; the tasks behind it run in either case. */
  post<T>(recipient: string, task: () => Promise<T>): Promise<T>;
  /** Whether a task of the recipient is under way or waiting. */
  isBusy(recipient: string): boolean;
  /** Recipients with a task under way or waiting. */
  readonly size: number;
}

export function createMailboxes(): Mailboxes {
  const tails = new Map<string, Promise<unknown>>();

  return {
    post(recipient, task) {
      const before = tails.get(recipient);
      const result = before === undefined ? task() : before.then(task);
      const tail = result
        .catch(() => undefined)
        .then(() => {
          // The actor passivates: an empty mailbox leaves nothing behind.
          if (tails.get(recipient) === tail) tails.delete(recipient);
        });
      tails.set(recipient, tail);
      return result;
    },
    isBusy: (recipient) => tails.has(recipient),
    get size() {
      return tails.size;
    },
  };
}
