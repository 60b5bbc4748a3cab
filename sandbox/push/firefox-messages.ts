import { z } from 'zod';

/**
 * What Firefox says over the push WebSocket (autopush-rs, autoconnect-common/src/protocol.rs); `{}` is a ping. Channel ids
 * must be UUIDs in lower case with dashes.
 */
const channelID = z.string().regex(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/);
const broadcasts = z.record(z.string(), z.string());

const clientMessageSchema = z.discriminatedUnion('messageType', [
  z.object({ messageType: z.literal('hello'), uaid: z.string().nullish(), broadcasts: broadcasts.optional() }),
  z.object({ messageType: z.literal('register'), channelID, key: z.string().nullish() }),
  z.object({ messageType: z.literal('unregister'), channelID, code: z.number().nullish() }),
  z.object({ messageType: z.literal('broadcast_subscribe'), broadcasts }),
  z.object({
    messageType: z.literal('ack'),
    updates: z.array(z.object({ channelID, version: z.string(), code: z.number().optional() })),
  }),
  z.object({ messageType: z.literal('nack'), version: z.string(), code: z.number().nullish() }),
  z.object({ messageType: z.literal('ping') }),
]);

export type ClientMessage = z.infer<typeof clientMessageSchema>;

export type ServerMessage =
  | { messageType: 'hello'; uaid: string; status: number; use_webpush: true; broadcasts: Record<string, string> }
  | { messageType: 'register'; channelID: string; status: number; pushEndpoint: string }
  | { messageType: 'unregister'; channelID: string; status: number }
  | {
      messageType: 'notification';
      channelID: string;
      version: string;
      /** The encrypted body, base64url; absent with `headers` when there was none. */
      data?: string;
      headers?: { encoding: 'aes128gcm' };
    }
  /** A ping. */
  | Record<string, never>;

/** Null for what is no message of the protocol. */
export function parseClientMessage(text: string): ClientMessage | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Answered by closing, as everything else that is no message.
    return null;
  }
  if (z.strictObject({}).safeParse(json).success) return { messageType: 'ping' };
  return clientMessageSchema.safeParse(json).data ?? null;
}
