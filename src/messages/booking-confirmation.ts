import type { MessageRequest } from './message.ts';
import type { Texts } from './texts.ts';

/** Whether the client comes, or the question; null where there is nothing to say of it. */
export function confirmationLine(
  { audience, confirmation }: Pick<MessageRequest, 'audience' | 'confirmation'>,
  texts: Texts,
): string | null {
  if (!confirmation || audience === 'former_specialist') return null;
  if (audience !== 'client') return confirmation.kind === 'confirmed' ? texts.say('staff.confirmed') : null;
  return texts.say(confirmation.kind === 'confirmed' ? 'client.confirmed' : 'client.asked');
}
