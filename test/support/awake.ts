import type { QuietHours } from '#src/domain/quiet-hours.ts';

/** Of whoever is to hear ads at whatever hour the test runs. */
export const AWAKE: QuietHours = { broadcasts: null, messages: null };
