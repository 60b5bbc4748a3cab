import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Everything the page consists of. */
const ASSETS: Readonly<Record<string, { file: string; contentType: string }>> = {
  '/': { file: 'index.html', contentType: 'text/html; charset=utf-8' },
  '/page.css': { file: 'page.css', contentType: 'text/css; charset=utf-8' },
  '/phones.css': { file: 'phones.css', contentType: 'text/css; charset=utf-8' },
  '/message-view.css': { file: 'message-view.css', contentType: 'text/css; charset=utf-8' },
  '/push-phone.css': { file: 'push-phone.css', contentType: 'text/css; charset=utf-8' },
  '/phones.js': { file: 'phones.js', contentType: 'text/javascript; charset=utf-8' },
  '/message-view.js': { file: 'message-view.js', contentType: 'text/javascript; charset=utf-8' },
  '/phone.js': { file: 'phone.js', contentType: 'text/javascript; charset=utf-8' },
  '/push-phone.js': { file: 'push-phone.js', contentType: 'text/javascript; charset=utf-8' },
  '/phone-frame.js': { file: 'phone-frame.js', contentType: 'text/javascript; charset=utf-8' },
  '/outside-link.js': { file: 'outside-link.js', contentType: 'text/javascript; charset=utf-8' },
  '/words.js': { file: 'words.js', contentType: 'text/javascript; charset=utf-8' },
  '/icon.svg': { file: 'icon.svg', contentType: 'image/svg+xml' },
};

const SECURITY_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-cache',
};

/** Serves the page with the phones and its parts; everything else is 404. */
export function phonesPage(request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? '/').replace(/\?.*$/, '');
  const asset = Object.hasOwn(ASSETS, path) ? ASSETS[path] : undefined;
  if (!asset) {
    response.writeHead(404, { ...SECURITY_HEADERS, 'Content-Type': 'text/plain' }).end('Not Found\n');
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { ...SECURITY_HEADERS, Allow: 'GET, HEAD' }).end();
    return;
  }
  const body = readFileSync(join(assetFolder(), asset.file));
  response.writeHead(200, {
    ...SECURITY_HEADERS,
    'Content-Type': asset.contentType,
    'Content-Length': body.length,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** `sandbox/phones` below the folder with package.json: the compiler copies no assets to `dist`. */
function assetFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('no package.json above the page: its files cannot be found');
    folder = parent;
  }
  return join(folder, 'sandbox', 'phones');
}
