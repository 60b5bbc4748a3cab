import { z } from 'zod';

/** A notification as it stands on the screen. */
export interface TrayNotification {
  /** Unique in its tray; one that takes the place of another has a new one. */
  id: number;
  title: string;
  body: string;
  /** Where a click leads; null where it leads nowhere. */
  navigate: string | null;
  lang: string;
  /** It came without a sound. */
  silent: boolean;
  /** Unix time in milliseconds. */
  received_at: number;
}

export interface NotificationTray {
  show(payload: string | null, receivedAt: number): void;
  /** Newest first. */
  all(): TrayNotification[];
}

const KEEP_NOTIFICATIONS = 20;

/** A declarative push message (Push API), as far as it is shown. */
const messageSchema = z.object({
  notification: z.object({
    title: z.string(),
    body: z.string().default(''),
    /** An address that leads nowhere does not keep the message from being shown. */
    navigate: z
      .url({ protocol: /^https?$/ })
      .nullable()
      .catch(null),
    tag: z.string().default(''),
    lang: z.string().default(''),
    silent: z.boolean().default(false),
  }),
});
type Shown = z.infer<typeof messageSchema>['notification'];

/** What the product's worker shows when it cannot read a message: a browser insists on something. */
const UNREADABLE: Shown = { title: 'Vestnik', body: '', navigate: null, tag: '', lang: '', silent: false };

/** One with a tag takes the place of the older with the same (Notifications API, "show steps"). */
export function createNotificationTray(): NotificationTray {
  let shown: (TrayNotification & { tag: string })[] = [];
  let nextId = 1;
  return {
    show(payload, receivedAt) {
      const { title, body, navigate, tag, lang, silent } = read(payload);
      const others = shown.filter((other) => tag === '' || other.tag !== tag);
      const added = { id: nextId++, title, body, navigate, lang, silent, received_at: receivedAt, tag };
      shown = [added, ...others].slice(0, KEEP_NOTIFICATIONS);
    },
    all: () => shown.map(({ tag: _tag, ...notification }) => notification),
  };
}

function read(payload: string | null): Shown {
  try {
    const message = messageSchema.safeParse(JSON.parse(payload ?? ''));
    return message.success ? message.data.notification : UNREADABLE;
  } catch {
    // No JSON.
    return UNREADABLE;
  }
}
