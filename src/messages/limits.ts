/** UTF-16 units of a message once its entities are parsed (Bot API, sendMessage). */
export const MESSAGE_MAX_LENGTH = 4096;

/** UTF-16 units of an ad once parsed. Leaves a booking message more room than its longest names can fill. */
export const AD_MAX_LENGTH = 3000;

/** UTF-16 units that one name, phone or title may take in a message; longer ones are cut. */
export const USER_TEXT_MAX_LENGTH = 128;
