import type { Confirmation } from '../domain/no-show-ladder.ts';
import type { Audience } from '../domain/recipients.ts';
import type { InlineButton } from './message.ts';
import type { Texts } from './texts.ts';

/** What the buttons of a message about a booking depend on. */
export interface ButtonsRequest {
  bookingId: number;
  audience: Audience;
  /** The booking may still be changed: it stands, and has not begun. */
  open: boolean;
  /** Where the last button leads; `card` is the notification itself. */
  returnTo: 'card' | 'bookings' | 'today';
  /** As in `MessageRequest`. */
  confirmation?: Confirmation | null | undefined;
}

/** Under a notification, and under the state in which a list's booking was left; none for who has no say in it any more. */
export function bookingButtons(request: ButtonsRequest, texts: Texts): InlineButton[][] {
  const { bookingId, audience, open, returnTo } = request;
  if (audience === 'former_specialist') return [];
  const change = { text: texts.say('button.change'), callback_data: `bke:menu:${bookingId}:${returnTo}` };
  if (returnTo !== 'card') {
    const back = { text: texts.say('button.to_list'), callback_data: `bke:back:${bookingId}:${returnTo}` };
    return open ? [[change], [back]] : [[back]];
  }
  if (audience !== 'admin') return open ? [...confirmButton(request, texts), [change]] : [];
  const hide = { text: texts.say('button.hide'), callback_data: `bkn:hide:${bookingId}` };
  return [open ? [{ text: texts.say('button.edit'), callback_data: `bkn:edit:${bookingId}` }, hide] : [hide]];
}

/** The version keeps a press on an old message from confirming a time that its reader has not seen. */
function confirmButton({ bookingId, confirmation }: ButtonsRequest, texts: Texts): InlineButton[][] {
  if (confirmation?.kind !== 'asked') return [];
  const callback_data = `bkc:confirm:${bookingId}:${confirmation.start_version}`;
  return [[{ text: texts.say('button.confirm'), callback_data }]];
}

/** What may be done with the booking. */
export function menuButtons({ bookingId, audience, returnTo }: ButtonsRequest, texts: Texts): InlineButton[][] {
  const isNotificationOfAdmin = audience === 'admin' && returnTo === 'card';
  return [
    [{ text: texts.say('button.reschedule'), callback_data: `bke:reschedule:${bookingId}` }],
    [{ text: texts.say('button.cancel_booking'), callback_data: `bke:cancel:${bookingId}:${returnTo}` }],
    [
      {
        text: texts.say(returnTo === 'card' ? 'button.back' : 'button.to_list'),
        callback_data: isNotificationOfAdmin ? `bkn:back:${bookingId}` : `bke:back:${bookingId}:${returnTo}`,
      },
    ],
  ];
}

/** Under the question whether to cancel. */
export function confirmCancelButtons({ bookingId, returnTo }: ButtonsRequest, texts: Texts): InlineButton[][] {
  return [
    [{ text: texts.say('button.confirm_cancel'), callback_data: `bke:confirm_cancel:${bookingId}:${returnTo}` }],
    [{ text: texts.say('button.back'), callback_data: `bke:menu:${bookingId}:${returnTo}` }],
  ];
}
