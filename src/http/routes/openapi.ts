import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Answer } from '../answer.ts';
import { entityTag, namesWeakly, parseTags } from '../conditional.ts';
import { type Route, route } from '../route.ts';
import { PAGE_HEADERS } from './pages.ts';

const require = createRequire(import.meta.url);

/** The page that shows the description, and what it shows it with. */
const VIEWER = [
  {
    path: '/docs',
    contentType: 'text/html; charset=utf-8',
    make: () => readFile(new URL('../../../web/docs.html', import.meta.url)),
  },
  {
    path: '/docs/swagger-ui.css',
    contentType: 'text/css; charset=utf-8',
    make: () => readFile(require.resolve('swagger-ui-dist/swagger-ui.css')),
  },
  {
    path: '/docs/swagger-ui-bundle.js',
    contentType: 'text/javascript; charset=utf-8',
    make: () => readFile(require.resolve('swagger-ui-dist/swagger-ui-bundle.js')),
  },
];

/** The viewer's style sheet holds its pictures. */
const VIEWER_HEADERS = {
  ...PAGE_HEADERS,
  'content-security-policy': PAGE_HEADERS['content-security-policy'].replace('https:', 'data:'),
};

/** The description of the API, and the viewer for it. @param described the other routes of the process */
export function openApiRoutes(described: readonly Route[]): Route[] {
  const document = heldRoute({
    path: '/openapi.json',
    contentType: 'application/json',
    headers: { 'cache-control': 'no-cache' },
    async make() {
      const { openApiDocument } = await import('../openapi/document.ts');
      return Buffer.from(JSON.stringify(openApiDocument([...described, document])));
    },
  });
  const viewer = VIEWER.map((held) => heldRoute({ ...held, headers: VIEWER_HEADERS, isPage: true }));
  return [document, ...viewer];
}

interface Held {
  path: string;
  contentType: string;
  headers: Record<string, string>;
  isPage?: boolean;
  make: () => Promise<Uint8Array>;
}

/** Made when it is first asked for, not at the start: most processes never are. */
function heldRoute({ path, contentType, headers, isPage = false, make }: Held): Route {
  let made: Promise<{ bytes: Uint8Array; etag: string }> | undefined;
  return route({
    method: 'GET',
    path,
    auth: 'open',
    isPage,
    async handler({ ifNoneMatch }): Promise<Answer> {
      made ??= make().then((bytes) => ({ bytes, etag: entityTag(bytes) }));
      const { bytes, etag } = await made;
      const all = { ...headers, etag };
      const known = parseTags('If-None-Match', ifNoneMatch);
      return known && namesWeakly(known, etag)
        ? { status: 304, headers: all }
        : { status: 200, bytes, contentType, headers: all };
    },
  });
}
