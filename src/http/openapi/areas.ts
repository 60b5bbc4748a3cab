import { bookings } from './bookings.ts';
import { broadcasts } from './broadcasts.ts';
import { deadLetters } from './dead-letters.ts';
import { deliveries } from './deliveries.ts';
import { events } from './events.ts';
import { links } from './links.ts';
import type { Area, Operation, OperationKey } from './operation.ts';
import { personalData } from './personal-data.ts';
import { companies, settings, users } from './resources.ts';
import { schedules } from './schedules.ts';
import { service } from './service.ts';
import { webhooks } from './webhooks.ts';

/** In the order of the table of contents. */
export const AREAS: readonly Area[] = [
  bookings,
  events,
  broadcasts,
  deliveries,
  deadLetters,
  companies,
  { ...users, operations: { ...users.operations, ...personalData } },
  schedules,
  settings,
  links,
  webhooks,
  service,
];

/** All that is described. */
export const OPERATIONS: ReadonlyMap<OperationKey, { operation: Operation; area: Area }> = new Map(
  AREAS.flatMap((area) =>
    Object.entries(area.operations).map(([key, operation]) => [key as OperationKey, { operation, area }] as const),
  ),
);
