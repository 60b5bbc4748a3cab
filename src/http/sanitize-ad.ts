import sanitizeHtml from 'sanitize-html';

const MAX_DEPTH = 20;

/** Text, lists, links and pictures. No styles, scripts, forms or frames; addresses of our own pages cannot be meant. */
const OPTIONS: sanitizeHtml.IOptions = {
  allowedTags: [
    ...['p', 'br', 'hr', 'h2', 'h3', 'h4', 'ul', 'ol', 'li', 'blockquote', 'div', 'span'],
    ...['b', 'strong', 'i', 'em', 'u', 's', 'small', 'a', 'img'],
  ],
  allowedAttributes: {
    a: ['href', 'rel', 'target'],
    img: ['src', 'alt', 'width', 'height', 'loading', 'referrerpolicy'],
  },
  allowedSchemes: [],
  allowedSchemesByTag: { a: ['https', 'http', 'tel', 'mailto'], img: ['https'] },
  allowedSchemesAppliedToAttributes: ['href', 'src'],
  allowProtocolRelative: false,
  disallowedTagsMode: 'discard',
  enforceHtmlBoundary: false,
  nestingLimit: MAX_DEPTH,
  transformTags: {
    h1: 'h2',
    a: (tagName, { href = '' }) => ({
      tagName,
      attribs: isAbsolute(href) ? { href, rel: 'noopener noreferrer nofollow', target: '_blank' } : {},
    }),
    img: (tagName, { src = '', alt = '', width, height }) => ({
      tagName,
      attribs: {
        ...(isAbsolute(src) && { src }),
        ...{ alt, loading: 'lazy', referrerpolicy: 'no-referrer' },
        ...sizes({ width, height }),
      },
    }),
  },
  exclusiveFilter: ({ tag, attribs }) => tag === 'img' && attribs.src === undefined,
};

const isAbsolute = (url: string): boolean => /^[a-z]+:/i.test(url.trim());

/** Digits only: a percentage or an expression has no place here. */
function sizes(given: Record<string, string | undefined>): Record<string, string> {
  const entries = Object.entries(given).filter((entry): entry is [string, string] => /^\d{1,4}$/.test(entry[1] ?? ''));
  return Object.fromEntries(entries);
}

/** An ad's HTML, as far as it can be shown on a page of ours without harm; may be empty. */
export const sanitizeAd = (html: string): string => sanitizeHtml(html, OPTIONS).trim();
