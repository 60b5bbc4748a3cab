/** A link in a text or on a button, as Telegram keeps it. */
export type TelegramLink =
  | { kind: 'url'; url: string }
  | { kind: 'user'; userId: number }
  | { kind: 'invalid'; reason: string };

const USER_LINK = /^tg:(?:\/\/)?user\/?\?([^#]*)/i;
const APP_LINK = /^(tg|ton|tonsite):(?:\/\/)?([a-z0-9_.-]+)(\/?\?.*|\/.*)?$/is;
const HTTP_LINK = /^(?:(https?):\/\/)?(?:([^@/?#]*)@)?(\[[0-9a-f:.]+\]|[^:/?#\s]+)(?::(\d{1,5}))?([/?#].*)?$/is;

/**
 * Reads a link as the Bot API server does: `http(s)` with a dotted host (the protocol may be missing), `tg:` and
 * `ton:` links, and `tg://user?id=N`, which mentions a user (tdlib `LinkManager::check_link`, `get_link_user_id`).
 */
export function readTelegramLink(link: string): TelegramLink {
  const user = USER_LINK.exec(link);
  const userId = Number(new URLSearchParams(user?.[1] ?? '').get('id'));
  if (Number.isSafeInteger(userId) && userId > 0) return { kind: 'user', userId };

  const app = APP_LINK.exec(link);
  if (app) {
    const [, scheme = '', host = '', rest = ''] = app;
    return { kind: 'url', url: `${scheme.toLowerCase()}://${host.toLowerCase()}${rest}` };
  }
  const http = HTTP_LINK.exec(link);
  if (!http) return { kind: 'invalid', reason: 'Wrong HTTP URL' };
  const [, protocol = 'http', userInfo, host = '', port, rest = ''] = http;
  if (!host.includes('.') && !host.startsWith('[')) return { kind: 'invalid', reason: 'Wrong HTTP URL' };
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  const authority = `${userInfo === undefined ? '' : `${userInfo}@`}${host.toLowerCase()}${port ? `:${port}` : ''}`;
  return { kind: 'url', url: `${protocol.toLowerCase()}://${authority}${path.replaceAll(' ', '%20')}` };
}
