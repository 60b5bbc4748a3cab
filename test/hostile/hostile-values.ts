import fc from 'fast-check';

/** What is tried wherever text may stand: SQL, HTML, paths, templates, and characters that others trip over. */
export const HOSTILE_TEXTS: readonly string[] = [
  "'; DROP TABLE users; --",
  `" OR "1"="1`,
  "1' UNION SELECT key FROM api_keys --",
  '%_\\',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '<b>unclosed &amp; <a href="javascript:alert(1)">x</a>',
  '{{constructor.constructor("return process")()}} #{7*7} $nested $&',
  '../../../../etc/passwd',
  'line\r\nSet-Cookie: a=b\r\n\r\n<html>',
  '\u202Eright to left\u202C \u200B\uFEFF\u2028\u2029',
  '👩‍👩‍👧‍👦 e\u0301 İ ß ﷽',
  '__proto__',
  'constructor',
  'NaN',
  'null',
  '-0',
  '1e400',
];

const LONG = 'x'.repeat(100_000);
const nested = (depth: number, open: string, inner: string, close: string) =>
  open.repeat(depth) + inner + close.repeat(depth);

/** Well-formed JSON that hardly any field takes. */
const ODD_JSON: readonly string[] = [
  ...['null', 'true', 'false', '0', '-0', '-1', '0.1', '1e400', '-1e400', '1e-400', '9007199254740993', '2147483648'],
  ...[
    '99999999999999999999999',
    '""',
    '" "',
    '"\\u0000"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '[]',
    '{}',
    '[[]]',
    '[null]',
  ],
  ...['"2026-02-30T00:00:00Z"', '"+275760-09-13T00:00:00Z"', '"-271821-04-20T00:00:00Z"', '"0000-01-01T00:00:00Z"'],
  ...['"9999-12-31T23:59:60Z"', '"2026-12-28T14:00:00+99:99"', '"2026-12-28"', '"UTC"', '"Factory"', '"Etc/GMT+20"'],
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"$ne":null}',
  '{"$gt":""}',
  '{"toString":1,"toJSON":1,"valueOf":1,"then":1}',
  JSON.stringify(LONG),
  JSON.stringify('😀'.repeat(30_000)),
  nested(2_000, '[', '', ']'),
  nested(2_000, '{"a":', '1', '}'),
  `[${'1,'.repeat(3_000)}1]`,
  ...HOSTILE_TEXTS.map((text) => JSON.stringify(text)),
];
/** No JSON at all, though some parser takes it. */
const NO_JSON: readonly string[] = [
  'NaN',
  'Infinity',
  '01',
  '+1',
  '.5',
  "'a'",
  'undefined',
  '',
  '"\t"',
  '"\\x41"',
  '//',
];

export const oddJson: fc.Arbitrary<string> = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(...ODD_JSON) },
  { weight: 5, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }).map((text) => JSON.stringify(text)) },
  { weight: 3, arbitrary: fc.double().map((number) => JSON.stringify(number)) },
  { weight: 1, arbitrary: fc.constantFrom(...NO_JSON) },
);

/** For a query or a path: percent-encoded, well or badly. */
export const oddParameter: fc.Arbitrary<string> = fc.oneof(
  fc
    .constantFrom(...HOSTILE_TEXTS, '', '0', '-1', '1.0', '01', ' 1', '2147483648', '9'.repeat(30), 'true', '\0')
    .map(encodeURIComponent),
  fc.constantFrom('%', '%zz', '%ff%fe', '%00', '%c0%af', '+', '1%', '%u0041', '%ed%a0%80', 'x'.repeat(3_000)),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map(encodeURIComponent),
  fc
    .constantFrom(
      'after:1',
      'after:0',
      'after:-1',
      'after:1 OR 1=1',
      `after:${'9'.repeat(16)}`,
      'after:9007199254740993',
    )
    .map((text) => Buffer.from(text).toString('base64url')),
);

/** A line's value; Latin-1, so a byte a character. Never a line break: those are tried apart from the rest. */
export const oddHeader: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '0',
    '-1',
    '1e3',
    'null',
    '*',
    '""',
    'W/""',
    '"a", "b", *',
    'x'.repeat(256),
    'x'.repeat(3_000),
  ),
  fc.constantFrom(
    '00-0-0-00',
    `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`,
    `ff-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  ),
  fc.constantFrom(
    'application/json; charset=utf-7',
    'text/html',
    'multipart/form-data; boundary=x',
    'application/xml',
    '*/*',
  ),
  fc.constantFrom(
    'admin',
    'system',
    'cron',
    'client',
    '__proto__',
    'constructor',
    "'; DROP TABLE users; --",
    '<script>',
  ),
  fc.constantFrom('Basic dGVzdDp0ZXN0', 'Bearer', 'Bearer a b', 'Bearer undefined', 'Digest x', 'bearer null'),
  fc.string({ maxLength: 30 }).map((text) => text.replace(/[^ -~]/g, '~')),
  fc.constantFrom('\x80\xff', 'caf\xe9', '\xf0\x9f\x98\x80'),
);
