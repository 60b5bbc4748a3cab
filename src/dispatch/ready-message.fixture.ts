import type { ReadyMessage } from './ready-message.ts';

/** A message to a client, as some event has it. */
export function readyMessage(changes: Partial<ReadyMessage> = {}): ReadyMessage {
  return {
    kind: 'ready',
    person: { user_id: 1, role: 'client' },
    company_id: 1,
    event: { id: 'e-1', type: 'booking_created', ts: 1_768_900_000 },
    channels: ['telegram', 'web_push'],
    tg_id: null,
    telegram_unreachable: null,
    toTelegram: () => ({ message: { html: '<b>Скидка</b>', keyboard: [] }, card_version: null }),
    toWebPush: () => ({
      notification: { title: 'Скидка', body: '', navigate: 'https://salon.example/', tag: 'e-1', lang: 'ru' },
      options: { expiresAt: new Date('2100-01-01T00:00:00Z'), urgency: 'normal', topic: 'e-1' },
    }),
    silent: false,
    whenUnknown: 'retry',
    onLongWait: 'defer',
    paid: false,
    ...changes,
  };
}
