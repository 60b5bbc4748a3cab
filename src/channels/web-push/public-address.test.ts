import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPublicAddress } from './public-address.ts';

const PUBLIC = [
  '8.8.8.8',
  '142.250.74.106',
  '34.107.243.93',
  '172.15.0.1',
  '172.32.0.1',
  '2a00:1450:4010:c0b::5f',
  '2606:4700::1',
];

const NOT_PUBLIC = [
  ...[
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
  ],
  ...[
    '192.168.1.1',
    '100.64.0.1',
    '100.127.255.255',
    '192.0.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
  ],
  ...['192.88.99.1', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
  ...['::', '::1', 'fe80::1', 'febf::1', 'fe80::1%eth0', 'fc00::1', 'fd12:3456::1', 'fec0::1', 'ff02::1'],
  // IPv4 in IPv6: mapped, compatible, translated, NAT64 (both prefixes), 6to4, Teredo.
  ...['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:7f00:1', '::127.0.0.1', '::8.8.8.8', '::ffff:0:8.8.8.8'],
  ...['64:ff9b::127.0.0.1', '64:ff9b::8.8.8.8', '64:ff9b:1::a00:1', '2002:7f00:1::', '2002:808:808::1', '2001:0:1::1'],
  ...['2001:db8::1', '100::1', '2001:2::1', '2001:10::1', '5f00::1', '4000::1'],
  ...['', 'localhost', '1.2.3', '1.2.3.4.5', '8.8.8.8:443', '[2606:4700::1]'],
];

for (const address of PUBLIC) test(`${address} is public`, () => assert.equal(isPublicAddress(address), true));
for (const address of NOT_PUBLIC)
  test(`"${address}" is not public`, () => assert.equal(isPublicAddress(address), false));
