/** UTF-16 units of a message once its entities are parsed (Bot API, sendMessage). */
export const MESSAGE_MAX_LENGTH = 4096;

/** UTF-16 units of an ad once parsed. Only with the longest of names and a legal line is there no room for it. */
export const AD_MAX_LENGTH = 3000;

/** The same for a broadcast with its ad: the company's name above and the legal line below always fit. */
export const BROADCAST_MAX_LENGTH = 3700;

/** UTF-16 units that one name, phone or title may take in a message; longer ones are cut. */
export const USER_TEXT_MAX_LENGTH = 128;
