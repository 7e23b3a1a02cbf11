import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { createCheckedLookup, ipv6Groups, isAllowedAddress } from './address-policy.ts';

const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '172.32.0.1',
  '100.128.0.1',
  '2606:4700::1111',
  '2001:4860:4860::8888',
  '::ffff:8.8.8.8',
  '64:ff9b::808:808',
  '[2606:4700::1]',
];
const PRIVATE = [
  '127.0.0.1',
  '127.255.255.255',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '0.0.0.0',
  '198.18.0.1',
  '::1',
  '::',
  'fc00::1',
  'fd12:3456::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b::10.1.2.3',
  '64:ff9b:1::a00:1',
  '2002:7f00:1::',
  '2002:c0a8:101::1',
  '2001:0:1::80ff:fffe',
  '2001:db8::1',
  '3fff::1',
  '100::1',
];
const NEVER = [
  '169.254.169.254',
  '169.254.0.1',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  '224.0.0.1',
  '255.255.255.255',
  'fe80::1',
  'fe80::1%eth0',
  'febf::1',
  'ff02::1',
  'fd00:ec2::254',
  'fd00:0ec2:0:0:0:0:0:254',
  'fd20:ce::254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '0:0:0:0:0:ffff:169.254.169.254',
  '::169.254.169.254',
  '64:ff9b::a9fe:a9fe',
  '2002:a9fe:a9fe::',
  '2001:0:1::5601:5601',
  '[fe80::1]',
];

test('public unicast addresses are allowed to everybody', () => {
  for (const address of PUBLIC) {
    assert.equal(isAllowedAddress(address, 'public'), true, address);
    assert.equal(isAllowedAddress(address, 'operator'), true, address);
  }
});

test('private addresses are for the operator alone, however they are written', () => {
  for (const address of PRIVATE) {
    assert.equal(isAllowedAddress(address, 'public'), false, address);
    assert.equal(isAllowedAddress(address, 'operator'), true, address);
  }
});

test('link-local, metadata and multicast addresses are for nobody, however they are written', () => {
  for (const address of NEVER) {
    assert.equal(isAllowedAddress(address, 'public'), false, address);
    assert.equal(isAllowedAddress(address, 'operator'), false, address);
  }
});

test('what is no address is refused', () => {
  for (const text of ['', 'localhost', '1.2.3', '0x7f.1', '2130706433', '1.2.3.4.5', '::g', '[::1']) {
    assert.equal(isAllowedAddress(text, 'operator'), false, text);
  }
});

test('an IPv4 address carried in IPv6 is judged as the IPv4 address', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      for (const policy of ['operator', 'public'] as const) {
        const expected = isAllowedAddress(address, policy);
        assert.equal(isAllowedAddress(`::ffff:${address}`, policy), expected);
        assert.equal(isAllowedAddress(`64:ff9b::${address}`, policy), expected);
      }
    }),
  );
});

test('the groups of an IPv6 address are those of its canonical form', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
      assert.deepEqual(ipv6Groups(address), ipv6Groups(canonical));
      assert.equal(ipv6Groups(address).length, 8);
    }),
  );
});

function lookup(policy: 'operator' | 'public', found: readonly string[], all: boolean): Promise<unknown[]> {
  const checked = createCheckedLookup(policy, (_name, _options, answer) =>
    answer(
      null,
      found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    ),
  );
  return new Promise((resolve) => checked('name', { all }, (...answer) => resolve(answer)));
}

test('only the policy for it reaches the address of a machine identity, and that policy nothing else', () => {
  const address = '169.254.169.254';
  assert.ok(isAllowedAddress(address, 'machine-identity'));
  assert.ok(!isAllowedAddress(address, 'operator'));
  for (const other of [
    '127.0.0.1',
    '8.8.8.8',
    '169.254.169.253',
    '::ffff:169.254.169.254',
    '[fd00:ec2::254]',
  ]) {
    assert.ok(!isAllowedAddress(other, 'machine-identity'), other);
  }
});

test('answers of the resolver that are not allowed are left out', async () => {
  const found = ['169.254.169.254', '10.0.0.1', '8.8.8.8'];
  assert.deepEqual(await lookup('public', found, true), [null, [{ address: '8.8.8.8', family: 4 }]]);
  assert.deepEqual(await lookup('operator', found, false), [null, '10.0.0.1', 4]);
});

test('a name with no allowed address fails with its own code', async () => {
  for (const all of [true, false]) {
    const [error] = (await lookup('public', ['127.0.0.1', '::1'], all)) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ERR_ADDRESS_NOT_ALLOWED');
  }
});

test('a failure of the resolver is handed on', async () => {
  const failure = Object.assign(new Error('no'), { code: 'ENOTFOUND' });
  const checked = createCheckedLookup('operator', (_name, _options, answer) => answer(failure, []));
  const error = await new Promise((resolve) => checked('name', {}, resolve));
  assert.equal(error, failure);
});
