import type { MigrationObject } from '@mikro-orm/core';
import { Foundation } from './0001-foundation.ts';
import { Bot } from './0002-bot.ts';
import { Schedules } from './0003-schedules.ts';
import { Broadcasts } from './0004-broadcasts.ts';
import { ApiKeys } from './0005-api-keys.ts';
import { DeliveryLog } from './0006-delivery-log.ts';
import { Traces } from './0007-traces.ts';
import { Webhooks } from './0008-webhooks.ts';
import { Reminders } from './0009-reminders.ts';
import { QuietHours } from './0010-quiet-hours.ts';
import { MergedMoves } from './0011-merged-moves.ts';
import { NoShowLadder } from './0012-no-show-ladder.ts';
import { SpecialistDay } from './0013-specialist-day.ts';

/** In the order they are applied. A name that was ever released is never changed: databases remember it. */
export const MIGRATIONS: MigrationObject[] = [
  { name: '0001-foundation', class: Foundation },
  { name: '0002-bot', class: Bot },
  { name: '0003-schedules', class: Schedules },
  { name: '0004-broadcasts', class: Broadcasts },
  { name: '0005-api-keys', class: ApiKeys },
  { name: '0006-delivery-log', class: DeliveryLog },
  { name: '0007-traces', class: Traces },
  { name: '0008-webhooks', class: Webhooks },
  { name: '0009-reminders', class: Reminders },
  { name: '0010-quiet-hours', class: QuietHours },
  { name: '0011-merged-moves', class: MergedMoves },
  { name: '0012-no-show-ladder', class: NoShowLadder },
  { name: '0013-specialist-day', class: SpecialistDay },
];
