import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { readConfig } from '#src/config.ts';
import { BODY_DEADLINE_MS, BODY_LIMIT_BYTES, EVENTS_BODY_LIMIT_BYTES, IDEMPOTENCY_TTL_MS } from '#src/http/limits.ts';
import { AD_MAX_LENGTH, BROADCAST_MAX_LENGTH } from '#src/messages/limits.ts';
import { startTestApi } from './support/api.ts';

const MIB = 1024 * 1024;

interface Schema {
  maximum?: number;
  maxLength?: number;
  maxItems?: number;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
}

/** The numbers of each row of the table, by its first cell. */
async function documented(): Promise<Map<string, number[]>> {
  const text = await readFile('docs/api.md', 'utf8');
  const section = /\n## Limits\n([\s\S]*?)\n## /.exec(text)?.[1] ?? '';
  const rows = section.matchAll(/^\| (.+?) \| (.+) \|$/gm);
  return new Map(
    [...rows].map(([, what = '', limit = '']) => [
      what,
      [...limit.replace(/`[^`]*`/g, '').matchAll(/\d[\d,]*/g)].map(([number]) => Number(number.replaceAll(',', ''))),
    ]),
  );
}

test('the limits in the documentation are those of the code', async (t) => {
  const { port } = await startTestApi(t);
  const { paths } = (await (await fetch(`http://127.0.0.1:${port}/openapi.json`)).json()) as {
    // biome-ignore lint/suspicious/noExplicitAny: what is missing fails the test
    paths: any;
  };
  /** Of a member of a body, such as `audience.user_ids`; `*` is an item of a list. */
  const field = (method: string, path: string, name: string): Schema => {
    const body: Schema = paths[path][method].requestBody.content['application/json'].schema;
    const found = name.split('.').reduce<Schema | undefined>((schema, part) => {
      const options = [schema, ...(schema?.anyOf ?? [])];
      if (part === '*') return options.find((option) => option?.items)?.items;
      return options.find((option) => option?.properties?.[part])?.properties?.[part];
    }, body);
    return (
      [found, ...(found?.anyOf ?? [])].find((schema) => bound(schema) !== undefined) ?? assert.fail(`${path} ${name}`)
    );
  };
  const bound = (schema: Schema | undefined) => schema?.maxItems ?? schema?.maxLength ?? schema?.maximum;
  const most = (path: string, ...names: string[]) => names.map((name) => bound(field('post', path, name)));
  const limit = paths['/v1/users'].get.parameters.find(({ name }: { name: string }) => name === 'limit').schema;
  const events: Schema = paths['/v1/events'].post.requestBody.content['application/json'].schema;
  const { KEY_REQUESTS_PER_SECOND: perSecond, KEY_EVENTS_PER_SECOND: eventsPerSecond } = readConfig({}, '.');
  const hours = (name: string) => bound(field('put', '/v1/users/{id}/schedule', name));
  const replay = (path: string) => most(path, 'ids');

  const expected: Record<string, unknown[]> = {
    body: [BODY_LIMIT_BYTES / MIB, EVENTS_BODY_LIMIT_BYTES / MIB, BODY_DEADLINE_MS / 1000],
    "requests of a company's key": [perSecond, 2 * perSecond],
    "events of a company's key": [eventsPerSecond, 2 * eventsPerSecond],
    page: [limit.maximum, 50],
    id: [...most('/v1/bookings', 'client_id'), 1900, 9999],
    'events in one request': [events.anyOf?.find(({ maxItems }) => maxItems)?.maxItems, 1_000_000],
    'ids of one replay': replay('/v1/dead-letters/replay'),
    'Idempotency-Key': [255, IDEMPOTENCY_TTL_MS / 3_600_000],
    '`user_ids` of a broadcast': [...most('/v1/broadcasts', 'audience.user_ids'), 366],
    'text of a broadcast': [
      BROADCAST_MAX_LENGTH,
      ...most('/v1/broadcasts', 'content.tg_html', 'content.push.title', 'content.push.body', 'content.push.url'),
    ],
    'text of an ad': [AD_MAX_LENGTH, ...most('/v1/ad-templates', 'content_tg')],
    '`name`': [
      ...most('/v1/users', 'name', 'phone', 'external_id'),
      ...most('/v1/companies', 'ad_advertiser', 'ad_marking_token'),
    ],
    'duration of a booking': [...most('/v1/bookings', 'duration_min'), 10],
    'working hours': [hours('weekly.monday.breaks'), hours('days_off')],
    'notification settings of a company': [bound(field('put', '/v1/companies/{id}/notification-settings', 'settings'))],
  };
  const table = await documented();
  for (const [what, numbers] of Object.entries(expected)) assert.deepEqual(table.get(what), numbers, what);
});
