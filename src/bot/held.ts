/** What the process that speaks for the bot may still do. */
export interface Held {
  /** Nothing new is begun, and no wait goes on: the process stops, or has lost the lease. Calls under way may end. */
  readonly ending: AbortSignal;
  /** Even calls under way end: the lease is lost, or the time to stop is up. */
  readonly cut: AbortSignal;
  /** False once another process may speak: one that was frozen asks the clock before its signals have had time to abort. */
  isCurrent(): boolean;
}
