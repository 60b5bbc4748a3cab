/** Members that hold what no line of the log may. */
const SECRETS: ReadonlySet<string> = new Set([
  ...['phone', 'name', 'token', 'endpoint', 'authorization', 'html', 'text'],
  ...['secret', 'old_secret', 'secrets'],
]);
const CENSORED = '[redacted]';
/** What lies deeper is nothing that anybody meant to log. */
const MAX_DEPTH = 8;

type Line = Record<string, unknown>;

/** The same line without what stands under a secret's name, however deep. Members of `written` are left to their serializers. */
export function redacted(line: Line, written: ReadonlySet<string>): Line {
  return censored(line, 0, written) as Line;
}

function censored(value: unknown, depth: number, written?: ReadonlySet<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return CENSORED;
  if (Array.isArray(value)) return value.map((item) => censored(item, depth + 1));
  // What JSON would have of it.
  if ('toJSON' in value && typeof value.toJSON === 'function') return value;
  const members = Object.entries(value).map(([name, member]) => {
    if (SECRETS.has(name)) return [name, CENSORED];
    return [name, written?.has(name) ? member : censored(member, depth + 1)];
  });
  return Object.fromEntries(members);
}
