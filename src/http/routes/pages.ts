import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Answer } from '../answer.ts';
import { type Route, route } from '../route.ts';

const HTML = 'text/html; charset=utf-8';
const CSS = 'text/css; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';
const SVG = 'image/svg+xml';
const PNG = 'image/png';

/** Path → file in `web/`. All addresses in them are relative, so that the product may be served below a path. */
const PAGES = {
  '/subscribe': { file: 'subscribe.html', contentType: HTML },
  '/booking': { file: 'booking.html', contentType: HTML },
  // At the root: a worker receives for the pages below its own path.
  '/push-worker.js': { file: 'push-worker.js', contentType: SCRIPT },
  '/web/subscribe.js': { file: 'subscribe.js', contentType: SCRIPT },
  '/web/booking.js': { file: 'booking.js', contentType: SCRIPT },
  '/web/subscription.js': { file: 'subscription.js', contentType: SCRIPT },
  '/web/api.js': { file: 'api.js', contentType: SCRIPT },
  '/web/language.js': { file: 'language.js', contentType: SCRIPT },
  '/web/subscribe-words.js': { file: 'subscribe-words.js', contentType: SCRIPT },
  '/web/booking-words.js': { file: 'booking-words.js', contentType: SCRIPT },
  '/web/docs.js': { file: 'docs.js', contentType: SCRIPT },
  '/web/page.css': { file: 'page.css', contentType: CSS },
  '/web/booking.css': { file: 'booking.css', contentType: CSS },
  '/web/icon.svg': { file: 'icon.svg', contentType: SVG },
  '/web/icon-180.png': { file: 'icon-180.png', contentType: PNG },
  '/web/icon-192.png': { file: 'icon-192.png', contentType: PNG },
  '/web/icon-512.png': { file: 'icon-512.png', contentType: PNG },
  '/web/badge-96.png': { file: 'badge-96.png', contentType: PNG },
} as const;

/** Ads may show pictures from elsewhere; nothing else comes from outside. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https:; connect-src 'self'; " +
  "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export const PAGE_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  // Worker and pages must fit each other, and the API: a browser asks each time.
  'cache-control': 'no-cache',
};

/** The same place beside the sources and in `dist`. */
const readPage = (file: string): Buffer => readFileSync(new URL(`../../../web/${file}`, import.meta.url));

const token = z.string().regex(/^[\w-]{1,64}$/);
const NO_QUERY = z.strictObject({});
/** Pages that take a token take it in the query too, for those who cannot keep a fragment. */
const PAGE_QUERY = z.looseObject({});

/** What people see in a browser. No key is asked for: what the pages show they fetch with the token of their link. */
export function pageRoutes(): Route[] {
  const pages = Object.entries(PAGES).map(([path, { file, contentType }]) => {
    const answer: Answer = { status: 200, bytes: readPage(file), contentType, headers: PAGE_HEADERS };
    const query = contentType === HTML ? PAGE_QUERY : NO_QUERY;
    return route({ method: 'GET', path, auth: 'open', isPage: true, query, handler: async () => answer });
  });
  return [...pages, manifestRoute()];
}

/**
 * An iPhone starts a page on its home screen at `start_url`, without what the browser knew; so the page there names its
 * token. What `token` says is not believed here, only passed on.
 */
function manifestRoute(): Route {
  const manifest: object = JSON.parse(readPage('manifest.webmanifest').toString('utf8'));
  return route({
    method: 'GET',
    path: '/manifest.webmanifest',
    auth: 'open',
    isPage: true,
    query: z.strictObject({ token: token.optional() }),
    handler: async ({ query }) => ({
      status: 200,
      text: JSON.stringify(
        query.token === undefined ? manifest : { ...manifest, start_url: `./subscribe?token=${query.token}` },
      ),
      contentType: 'application/manifest+json',
      headers: PAGE_HEADERS,
    }),
  });
}
