/** Why a change of a booking was refused. The caller words it: the API as a problem, the bot as a message. */
export type BookingRefusal =
  | { code: 'booking_not_found' }
  /** The user who is said to be behind the change is not of the booking's company. */
  | { code: 'unknown_initiator' }
  /** Only a booking in status `created` can change. */
  | { code: 'booking_closed'; status: string }
  /** It can no longer be confirmed. */
  | { code: 'booking_begun' }
  /** The specialist has another booking at that time. */
  | { code: 'booking_overlap'; bookingId: number }
  /** The field refers to something missing, of another company or of the wrong kind, or is out of range. */
  | { code: 'invalid_field'; field: string; detail: string };

export class BookingRefused extends Error {
  readonly code: BookingRefusal['code'];
  readonly refusal: BookingRefusal;

  constructor(refusal: BookingRefusal) {
    super(refusal.code === 'invalid_field' ? `${refusal.field} ${refusal.detail}` : refusal.code);
    this.name = 'BookingRefused';
    this.code = refusal.code;
    this.refusal = refusal;
  }
}
