import assert from 'node:assert/strict';
import { createECDH, type ECDH } from 'node:crypto';
import { test } from 'node:test';
import { ConfigError, readConfig } from './config.ts';

test('an empty environment gives the documented defaults', () => {
  const config = readConfig({ HOST: '', PORT: '' });
  assert.equal(config.HOST, '127.0.0.1');
  assert.equal(config.PORT, 3000);
  assert.equal(config.REDIS_URL, undefined);
  assert.deepEqual(config.DATABASE_URL, { kind: 'sqlite', path: '.data/vestnik.sqlite' });
  assert.deepEqual(config.ROLES, ['api', 'worker', 'bot', 'scheduler']);
  assert.equal(config.DELIVERY_LOG_DAYS, 365);
  assert.equal(config.MAX_DELIVERIES, 3);
  assert.deepEqual(config.RETRY_BACKOFF_MS, [1000, 10_000]);
  assert.equal(config.BROADCAST_RATE_PER_SECOND, 30);
  assert.equal(config.PAID_BROADCAST_RATE_PER_SECOND, 1000);
  assert.equal(Object.isFrozen(config), true);
});

const BAD: [string, string, RegExp][] = [
  ['PORT', 'http', /^PORT must be a whole number from 0 to 65535$/],
  ['PORT', '65536', /^PORT/],
  ['PORT', '-1', /^PORT/],
  ['REDIS_URL', 'localhost:6379', /^REDIS_URL must be redis:\/\/HOST:PORT, rediss:\/\/HOST:PORT or unix:\/PATH$/],
  ['REDIS_URL', 'unix:redis.sock', /^REDIS_URL/],
  ['REDIS_CLUSTER_NODES', '10.0.0.1:6379,10.0.0.2:6379', /^REDIS_CLUSTER_NODES is not supported yet: .+REDIS_URL$/],
  ['DATABASE_URL', 'mysql://x', /^DATABASE_URL must be sqlite:PATH or postgresql:/],
  ['DATABASE_URL', 'sqlite:', /^DATABASE_URL/],
  ['ROLES', 'api,cook', /^ROLES must be a list of api, worker, bot, scheduler$/],
  ['ROLES', ',', /^ROLES must name at least one of api, worker, bot, scheduler$/],
  ['TELEGRAM_BOT_TOKEN', 'secret', /^TELEGRAM_BOT_TOKEN must look like/],
  ['TELEGRAM_API_ROOT', 'ftp://x', /^TELEGRAM_API_ROOT/],
  ['BROADCAST_RATE_PER_SECOND', '0', /^BROADCAST_RATE_PER_SECOND must be a whole number from 1 to 1000000$/],
  [
    'PAID_BROADCAST_RATE_PER_SECOND',
    '1000001',
    /^PAID_BROADCAST_RATE_PER_SECOND must be a whole number from 1 to 1000000$/,
  ],
  ['RETRY_BACKOFF_MS', '1000', /^RETRY_BACKOFF_MS must hold 2 values/],
  ['RETRY_BACKOFF_MS', '1s,2s', /^RETRY_BACKOFF_MS must be a list of milliseconds/],
  ['ADMIN_API_KEY', 'short', /^ADMIN_API_KEY must have at least 8 characters/],
  ['LINK_SECRET', 'secret', /^LINK_SECRET must have at least 32 characters and no white space$/],
  ['LINK_SECRET', `secret ${'s'.repeat(40)}`, /^LINK_SECRET must have at least 32 characters and no white space$/],
  ['REDIS_KEY_PREFIX', '{x}', /^REDIS_KEY_PREFIX/],
  ['VAPID_PUBLIC_KEY', 'short', /^VAPID_PUBLIC_KEY must be a P-256 public key/],
  ['VAPID_PRIVATE_KEY', 'secret', /^VAPID_PRIVATE_KEY must be a P-256 private key/],
  ['VAPID_EMAIL', 'root@localhost', /^VAPID_EMAIL must be an e-mail address/],
  ['PUSH_ALLOWED_HOSTS', 'https://push.example.com', /^PUSH_ALLOWED_HOSTS must be a list of hosts/],
  ['PUSH_ALLOWED_HOSTS', 'push.example.com:99999', /^PUSH_ALLOWED_HOSTS must be a list of hosts/],
  ['PUSH_CA_FILE', '/nowhere/ca.pem', /^PUSH_CA_FILE must be the path of a certificate/],
  ['PUSH_CA_FILE', 'package.json', /^PUSH_CA_FILE must be the path of a certificate/],
  ['LOG_LEVEL', 'loud', /^LOG_LEVEL must be one of/],
];

for (const [name, value, message] of BAD)
  test(`${name}=${value} is refused in one line that names it and not its value`, () => {
    assert.throws(
      () => readConfig({ [name]: value }),
      (error) => {
        assert.equal(error instanceof ConfigError, true);
        const text = (error as Error).message;
        assert.match(text, message);
        assert.doesNotMatch(text, /\n/);
        if (value.startsWith('secret')) assert.doesNotMatch(text, /secret/);
        return true;
      },
    );
  });

test('the delays follow MAX_DELIVERIES, and must fit it when they are given', () => {
  assert.deepEqual(readConfig({ MAX_DELIVERIES: '1' }).RETRY_BACKOFF_MS, []);
  assert.deepEqual(readConfig({ MAX_DELIVERIES: '4' }).RETRY_BACKOFF_MS, [1000, 10_000, 10_000]);
  assert.throws(() => readConfig({ MAX_DELIVERIES: '5', RETRY_BACKOFF_MS: '1,2' }), /must hold 4 values/);
});

test('the keys of Web Push are set together, and belong together', () => {
  const [first, second] = [createECDH('prime256v1'), createECDH('prime256v1')];
  const VAPID_PUBLIC_KEY = first.generateKeys('base64url');
  const VAPID_PRIVATE_KEY = keyOf(first);
  second.generateKeys();
  assert.equal(readConfig({ VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY }).VAPID_PUBLIC_KEY, VAPID_PUBLIC_KEY);
  const refused: [NodeJS.ProcessEnv, RegExp][] = [
    [{ VAPID_PUBLIC_KEY }, /^VAPID_PRIVATE_KEY must be set with VAPID_PUBLIC_KEY$/],
    [{ VAPID_PRIVATE_KEY }, /^VAPID_PUBLIC_KEY must be set with VAPID_PRIVATE_KEY$/],
    [{ VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY: keyOf(second) }, /^VAPID_PUBLIC_KEY must be the public key of VAPID_PRI/],
    [{ VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY: 'A'.repeat(43) }, /^VAPID_PRIVATE_KEY must be a P-256 private key$/],
  ];
  for (const [env, message] of refused) assert.throws(() => readConfig(env), { message });
});

/** A key shorter than 32 bytes is padded in front (RFC 8292 has fixed lengths). */
const keyOf = (pair: ECDH): string => {
  const key = pair.getPrivateKey();
  return Buffer.concat([Buffer.alloc(32 - key.length), key]).toString('base64url');
};

test('the other settings of Web Push are taken as they are written', () => {
  const config = readConfig({
    VAPID_EMAIL: 'mailto:admin@example.com',
    PUSH_ALLOWED_HOSTS: 'push.example.com, *.example.org,127.0.0.1:8443',
  });
  assert.deepEqual(config.PUSH_ALLOWED_HOSTS, ['push.example.com', '*.example.org', '127.0.0.1:8443']);
});

test('a SQLite path may be absolute or relative', () => {
  assert.deepEqual(readConfig({ DATABASE_URL: 'sqlite:/tmp/a b.sqlite' }).DATABASE_URL, {
    kind: 'sqlite',
    path: '/tmp/a b.sqlite',
  });
});
