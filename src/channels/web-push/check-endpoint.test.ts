import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { allowHosts } from './allowed-hosts.ts';
import { checkEndpoint } from './check-endpoint.ts';
import { REFUSED_ENDPOINTS } from './refused-endpoints.fixture.ts';

const PUBLIC_ONLY = allowHosts();
const verdict = (endpoint: string, allowed = PUBLIC_ONLY) => {
  const checked = checkEndpoint(endpoint, allowed);
  return typeof checked === 'string' ? checked : 'allowed';
};

describe('the services of the browsers', () => {
  for (const endpoint of [
    'https://fcm.googleapis.com/fcm/send/abc:APA91b-_',
    'https://FCM.googleapis.com:443/wp/abc',
    'https://updates.push.services.mozilla.com/wpush/v2/gAAAA',
    'https://web.push.apple.com/QABC',
    'https://wns2-par02p.notify.windows.com/w/?token=BQYAAA%2b%2f',
  ])
    test(`${endpoint} is allowed, to public addresses alone`, () => {
      const checked = checkEndpoint(endpoint, PUBLIC_ONLY);
      assert.ok(typeof checked !== 'string');
      assert.equal(checked.mayBePrivate, false);
    });
});

describe('refused', () => {
  for (const [endpoint, reason] of REFUSED_ENDPOINTS)
    test(`${JSON.stringify(endpoint)}: ${reason}`, () => assert.equal(verdict(endpoint), reason));

  test('an endpoint of more than 2,048 characters', () => {
    const long = (length: number) => 'https://fcm.googleapis.com/'.padEnd(length, 'a');
    assert.equal(verdict(long(2048)), 'allowed');
    assert.equal(verdict(long(2049)), 'too_long');
    assert.equal(verdict(long(5_000_000)), 'too_long');
  });
});

describe('hosts that the operator names', () => {
  const named = allowHosts([
    'push.salon.example',
    'Push.Local:8443',
    '*.corp.example:444',
    '127.0.0.1:9000',
    '[::1]:9001',
  ]);

  for (const endpoint of [
    'https://push.salon.example/x',
    'https://push.local:8443/x',
    'https://a.b.corp.example:444/x',
    'https://127.0.0.1:9000/x',
    'https://0x7f.1:9000/x',
    'https://[::1]:9001/x',
  ])
    test(`${endpoint} is allowed, to any address`, () => {
      const checked = checkEndpoint(endpoint, named);
      assert.ok(typeof checked !== 'string');
      assert.equal(checked.mayBePrivate, true);
    });

  for (const endpoint of [
    'https://push.salon.example:8443/x',
    'https://push.local/x',
    'https://a.corp.example/x',
    'https://127.0.0.1/x',
    'https://127.0.0.1:9001/x',
  ])
    test(`${endpoint} has another port`, () => assert.equal(verdict(endpoint, named), 'port_not_allowed'));

  test('a wildcard does not stand for its own name', () =>
    assert.equal(verdict('https://corp.example:444/x', named), 'host_not_allowed'));

  test('a service of the browsers stays bound to public addresses, though named again', () => {
    const checked = checkEndpoint(
      'https://fcm.googleapis.com/x',
      allowHosts(['fcm.googleapis.com', '*.googleapis.com']),
    );
    assert.ok(typeof checked !== 'string');
    assert.equal(checked.mayBePrivate, false);
  });

  test('an entry that is no host is an error', () =>
    assert.throws(() => allowHosts(['push.example:99999']), TypeError));
});

test('what is connected to and what is asked for come from one reading of the endpoint', () => {
  assert.deepEqual(checkEndpoint('https://WEB.push.apple.com:443/a/../b?c=%0d%0a', PUBLIC_ONLY), {
    origin: 'https://web.push.apple.com',
    hostname: 'web.push.apple.com',
    path: '/b?c=%0d%0a',
    isNamed: false,
    mayBePrivate: false,
  });
});
