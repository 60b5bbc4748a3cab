import type { Child } from './child-process.ts';

/** Who sends a broadcast, and bookings beside it. */
export interface BroadcastContender {
  /** The processes that send; one that was killed is replaced in its place. */
  senders: Child[];
  /** Resolves when the whole backlog is accepted. */
  startBroadcast(): Promise<void>;
  /** Hands in the three messages of a salon's booking. Answers when they were known to be kept, on `monotonicMs`'s clock. */
  book(salon: number): Promise<number>;
  /** Nothing of the broadcast is left to send. */
  isFinished(): Promise<boolean>;
  /** How many of the broadcast's people it says it has not reached. */
  admittedLosses(): Promise<number>;
  /** Which of `senders` sends the broadcast at the moment. */
  leader(): Promise<number>;
  replace(sender: number): Promise<void>;
}

export interface ContenderOptions {
  /** Of the receiver. */
  apiRoot: string;
  recipients: number;
  salons: number;
  /** How many processes send. */
  processes: number;
}
