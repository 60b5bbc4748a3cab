import type { TelegramMessage } from '../messages/message.ts';
import { renderDayChoice, renderMoveQuestion, renderTimeChoice } from '../messages/reschedule-card.ts';
import type { CardDrawing } from './card-drawing.ts';
import { type MoveCalendar, openMoveCalendar } from './move-calendar.ts';
import type { ViewOf } from './views.ts';

/** The reschedule dialogue, each view with what is free at that moment. */
export async function renderChoosingDay(
  drawing: CardDrawing,
  { month }: ViewOf<'choosing_day'>,
): Promise<TelegramMessage> {
  const { bounds, freeDaysOf } = await calendarOf(drawing);
  return renderDayChoice(drawing.request, { month, bounds, freeDays: await freeDaysOf(month) });
}

export async function renderChoosingTime(
  drawing: CardDrawing,
  { date, page }: ViewOf<'choosing_time'>,
): Promise<TelegramMessage> {
  const { bounds, timesOf } = await calendarOf(drawing);
  const { time_zone } = bounds;
  return renderTimeChoice(drawing.request, { date, page, time_zone, times: await timesOf(date) });
}

export async function renderConfirming(
  { request }: CardDrawing,
  { starts_at }: ViewOf<'confirming'>,
): Promise<TelegramMessage> {
  return renderMoveQuestion(request, { starts_at: new Date(starts_at) });
}

function calendarOf({ sql, card, facts, now }: CardDrawing): Promise<MoveCalendar> {
  return openMoveCalendar(sql, { ...facts.state, id: card.booking_id, company_id: card.company_id }, now);
}
