/** Milliseconds on a clock that all processes of this machine share and nobody sets (CLOCK_MONOTONIC). */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** What to add to a time of this process's `performance.now()`. */
export const sinceProcessStartMs = (): number => monotonicMs() - performance.now();
