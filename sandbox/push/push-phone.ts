import type { Fault } from './faults.ts';
import { createNotificationTray, type TrayNotification } from './notification-tray.ts';
import type { RunningPushService } from './push-service.ts';
import type { SubscriptionJson, VirtualSubscription } from './virtual-browser.ts';

/** A person who has a browser instead of Telegram. */
export interface PhoneOwner {
  id: number;
  name: string;
  /** Shown under the name, e.g. the role. */
  caption: string;
  language_code: string;
}

/** What the push service can be made to answer once, in place of 201. */
export const SCRIPTED_STATUSES = [429, 503, 500] as const;
export type ScriptedStatus = (typeof SCRIPTED_STATUSES)[number];

export interface PushPhoneView extends PhoneOwner {
  subscribed: boolean;
  /** What the service answers to the next message; null: as it should. */
  next_status: ScriptedStatus | null;
  /** What it answered last; null before the first message. */
  last_status: number | null;
  /** Newest first. */
  notifications: TrayNotification[];
}

/** The page of the product on which a browser subscribes. */
export interface SubscribePage {
  /** The VAPID key to subscribe with. */
  publicKey(): Promise<string>;
  register(subscription: SubscriptionJson): Promise<void>;
}

/** What the owner does at a moment when it cannot be done. */
export class PushPhoneError extends Error {
  readonly code: 'no_page' | 'not_subscribed';

  constructor(code: PushPhoneError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** A browser of one person, as its screen shows it. */
export interface PushPhone {
  readonly id: number;
  view(): PushPhoneView;
  onChange(listener: (view: PushPhoneView) => void): () => void;
  /** Opens the page, and subscribes there. @throws what the page throws; nothing is subscribed then. */
  open(page: SubscribePage): Promise<void>;
  /** Once more on the page last opened. @throws {PushPhoneError} */
  subscribe(): Promise<void>;
  /** As taking the permission back does: the service answers 410 from now on, and the product is told nothing. */
  unsubscribe(): void;
  /** Null takes it back. @throws {PushPhoneError} */
  answerNext(status: ScriptedStatus | null): void;
}

const RETRY_AFTER_S = 5;
const FAULTS: Readonly<Record<ScriptedStatus, Fault>> = {
  429: { kind: 'too_many_requests', retryAfter: RETRY_AFTER_S },
  503: { kind: 'unavailable', retryAfter: RETRY_AFTER_S },
  500: { kind: 'server_error' },
};

interface ScriptedAnswer {
  status: ScriptedStatus;
  /** On `performance.now()`'s clock, as requests are recorded. */
  since: number;
  takeBack: () => void;
}

export function createPushPhone(service: RunningPushService, owner: PhoneOwner): PushPhone {
  const browser = service.createVirtualBrowser({ keepNotifications: 0 });
  const tray = createNotificationTray();
  const listeners = new Set<(view: PushPhoneView) => void>();
  let page: SubscribePage | undefined;
  /** The last one, ended or not. */
  let subscription: VirtualSubscription | undefined;
  let isSubscribed = false;
  let scripted: ScriptedAnswer | undefined;

  const view = (): PushPhoneView => {
    const asked = service.requests().filter(({ endpoint }) => endpoint === subscription?.endpoint);
    const isUsed = asked.some(({ at }) => scripted !== undefined && at >= scripted.since);
    return {
      ...owner,
      subscribed: isSubscribed,
      next_status: scripted && !isUsed ? scripted.status : null,
      last_status: asked.findLast(({ outcome }) => outcome !== null)?.outcome?.status ?? null,
      notifications: tray.all(),
    };
  };
  const changed = (): void => {
    for (const listener of listeners) listener(view());
  };
  browser.onNotification(({ payload, receivedAt }) => tray.show(payload, receivedAt));
  service.onProgress(changed);

  const forgetScript = (): void => {
    scripted?.takeBack();
    scripted = undefined;
  };
  const end = (): void => {
    forgetScript();
    subscription?.unsubscribe();
    isSubscribed = false;
  };

  const subscribe = async (): Promise<void> => {
    if (!page) throw new PushPhoneError('no_page', 'no page is open to subscribe on');
    const fresh = browser.subscribe(await page.publicKey());
    const { endpoint, expirationTime, keys } = fresh;
    try {
      await page.register({ endpoint, expirationTime, keys });
    } catch (error) {
      fresh.unsubscribe();
      throw error;
    }
    end();
    subscription = fresh;
    isSubscribed = true;
    changed();
  };

  return {
    id: owner.id,
    view,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async open(opened) {
      page = opened;
      await subscribe();
    },
    subscribe,
    unsubscribe() {
      end();
      changed();
    },
    answerNext(status) {
      if (!(subscription && isSubscribed)) throw new PushPhoneError('not_subscribed', 'nothing is subscribed');
      forgetScript();
      if (status !== null) {
        const takeBack = service.fault(subscription.endpoint, FAULTS[status], { times: 1 });
        scripted = { status, since: performance.now(), takeBack };
      }
      changed();
    },
  };
}
