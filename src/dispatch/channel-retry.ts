/** How long a recipient waits while the channel itself is away. */
export const CHANNEL_RETRY_MS = 2000;
