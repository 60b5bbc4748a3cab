import { renderCard, renderCardMenu, renderConfirmCancel } from '../messages/booking-card.ts';
import type { TelegramMessage } from '../messages/message.ts';
import type { CardDrawing } from './card-drawing.ts';
import { renderChoosingDay, renderChoosingTime, renderConfirming } from './reschedule-views.ts';
import type { View } from './views.ts';

/** The message that shows a booking in this view. */
export async function renderView(drawing: CardDrawing, view: View): Promise<TelegramMessage> {
  switch (view.kind) {
    case 'notification':
      return renderCard({ ...drawing.request, by: view.by });
    case 'menu':
      return renderCardMenu(drawing.request);
    case 'confirm_cancel':
      return renderConfirmCancel(drawing.request);
    case 'choosing_day':
      return await renderChoosingDay(drawing, view);
    case 'choosing_time':
      return await renderChoosingTime(drawing, view);
    case 'confirming':
      return await renderConfirming(drawing, view);
    default:
      return view satisfies never;
  }
}
