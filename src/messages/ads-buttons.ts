import type { InlineButton } from './message.ts';
import type { Texts } from './texts.ts';

/** Under a broadcast: no more ads for this user of the chat. */
export const stopAdsButton = (userId: number, texts: Texts): InlineButton => ({
  text: texts.say('button.stop_ads'),
  callback_data: `bks:stop:${userId}`,
});

/** In its place once it was pressed. */
export const resumeAdsButton = (userId: number, texts: Texts): InlineButton => ({
  text: texts.say('button.resume_ads'),
  callback_data: `bks:again:${userId}`,
});
