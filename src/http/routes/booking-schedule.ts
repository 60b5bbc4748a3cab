import type { Database } from '../../db/database.ts';
import { createReminderSchedule } from '../../reminders/reminder-schedule.ts';
import { jsonAnswer } from '../answer.ts';
import { keptToBooking, noSuchBooking } from '../booking-access.ts';
import { idParams } from '../fields.ts';
import { type Route, route } from '../route.ts';

/** What people will hear of a booking by themselves, and what became of it. */
export function bookingScheduleRoutes(deps: { database: Database; clock: () => Date }): Route[] {
  const scheduleOf = createReminderSchedule(deps);
  return [
    route({
      method: 'GET',
      path: '/v1/bookings/{id}/schedule',
      auth: { scope: 'read', company: keptToBooking(deps.database) },
      params: idParams,
      async handler({ params }) {
        const schedule = await scheduleOf(params.id);
        if (!schedule) throw noSuchBooking();
        return jsonAnswer(200, schedule);
      },
    }),
  ];
}
