import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { insertCompany } from '#test/support/rows.ts';
import { DEFAULT_QUIET_HOURS, encodeQuietHours } from '../domain/quiet-hours.ts';
import { Company, User } from './entities.ts';
import { askForPassesByClock, openPasses } from './reminder-passes.ts';
import { encodeRules } from './reminder-rules.ts';

const since = new Date(0);
const HOUR = encodeRules([{ offset: 60, since }]);
const EVENING = encodeRules([{ offset: { evening_before: '19:00' }, since }]);
const NIGHT = encodeQuietHours({ broadcasts: null, messages: { from: '22:00', to: '08:00' } });
const NO_HOURS = encodeQuietHours({ broadcasts: null, messages: null });

describeOnEachDatabase('other zone data', ({ open }) => {
  test('asks for a pass where reminders go by the clock: by the company’s, or by quiet hours for messages', async (t) => {
    const database = await open(t);
    const company = async (reminders: string, client: { quiet_hours?: string; erased_at?: Date }) =>
      await database.write(async (tx) => {
        const { company_id, client_id } = await insertCompany(tx);
        await tx.nativeUpdate(Company, { id: company_id }, { reminders });
        await tx.nativeUpdate(
          User,
          { id: client_id },
          { quiet_hours: encodeQuietHours(DEFAULT_QUIET_HOURS), ...client },
        );
        return company_id;
      });
    const evening = await company(EVENING, {});
    const quiet = await company(HOUR, { quiet_hours: NIGHT });
    for (const [reminders, client] of [
      [HOUR, {}],
      [HOUR, { quiet_hours: NO_HOURS }],
      [HOUR, { quiet_hours: NIGHT, erased_at: since }],
      [encodeRules([]), { quiet_hours: NIGHT }],
    ] as const)
      await company(reminders, client);
    await askForPassesByClock(database);
    assert.deepEqual(await openPasses(database.read(), 10), [evening, quiet]);
    await askForPassesByClock(database);
    assert.deepEqual(await openPasses(database.read(), 10), [evening, quiet]);
  });
});
