import { lookup as systemLookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';

/**
 * The one rule for every connection this process opens. `operator` is for addresses from the operator's own settings:
 * private networks are fine (a self-hosted model server), cloud metadata and link-local addresses never are.
 * `public` is for anything a caller could name: public unicast only. `machine-identity` is the one metadata address at
 * which Azure gives a machine its token; only a fixed request that nobody can influence may be sent with it.
 */
export type AddressPolicy = 'operator' | 'public' | 'machine-identity';

export const ADDRESS_NOT_ALLOWED = 'ERR_ADDRESS_NOT_ALLOWED';

/** Link-local, multicast, reserved, and the metadata services of AWS, Alibaba, Oracle, Azure and Google. */
const ALWAYS_REFUSED = blockList([
  '169.254.0.0/16',
  '100.100.100.200/32',
  '192.0.0.192/32',
  '168.63.129.16/32',
  '224.0.0.0/4',
  '240.0.0.0/4',
  'fe80::/10',
  'fec0::/10',
  'fd00:ec2::254/128',
  'fd20:ce::254/128',
  'ff00::/8',
]);

/** IANA special-purpose registries, IPv4. */
const NOT_PUBLIC_V4 = blockList([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
]);

const PUBLIC_V6 = blockList(['2000::/3']);
/** Inside 2000::/3, yet not public: protocol assignments, documentation, 6to4 relays without a public side. */
const NOT_PUBLIC_V6 = blockList(['2001::/23', '2001:db8::/32', '3fff::/20']);

const MACHINE_IDENTITY = '169.254.169.254';

/** True where a connection to this literal address may be opened. Anything that is no address is refused. */
export function isAllowedAddress(address: string, policy: AddressPolicy): boolean {
  const plain = withoutBracketsAndZone(address);
  if (policy === 'machine-identity') return plain === MACHINE_IDENTITY;
  const version = isIP(plain);
  if (version === 4) return isAllowedV4(plain, policy);
  if (version !== 6) return false;
  if (ALWAYS_REFUSED.check(plain, 'ipv6')) return false;
  const carried = carriedV4(ipv6Groups(plain));
  if (carried !== undefined) return isAllowedV4(carried, policy);
  if (policy === 'operator') return true;
  return PUBLIC_V6.check(plain, 'ipv6') && !NOT_PUBLIC_V6.check(plain, 'ipv6');
}

/** For `net.connect`: answers are checked when the connection is made, so a name cannot change in between. */
export function createCheckedLookup(
  policy: AddressPolicy,
  resolve: LookupFunction = systemLookup,
): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, answer) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const allowed = (answer as LookupAddress[]).filter(({ address }) => isAllowedAddress(address, policy));
      const first = allowed[0];
      if (first === undefined) callback(notAllowed(), []);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

function isAllowedV4(address: string, policy: AddressPolicy): boolean {
  if (ALWAYS_REFUSED.check(address, 'ipv4')) return false;
  return policy === 'operator' || !NOT_PUBLIC_V4.check(address, 'ipv4');
}

function notAllowed(): NodeJS.ErrnoException {
  return Object.assign(new Error('the name points to an address that is not allowed'), {
    code: ADDRESS_NOT_ALLOWED,
  });
}

function withoutBracketsAndZone(address: string): string {
  const bare = address.startsWith('[') && address.endsWith(']') ? address.slice(1, -1) : address;
  const zone = bare.indexOf('%');
  return zone < 0 ? bare : bare.slice(0, zone);
}

/** The IPv4 address that packets to this IPv6 address would end at, for each way of carrying one. */
function carriedV4(groups: readonly number[]): string | undefined {
  const [a = 0, b = 0, c = 0, , , f = 0, g = 0, h = 0] = groups;
  const isZeroUntil = (count: number): boolean => groups.slice(0, count).every((group) => group === 0);
  const isLoopbackOrUnspecified = isZeroUntil(7) && h <= 1;
  if (isZeroUntil(5) && f === 0xffff) return dotted(g, h);
  if (isZeroUntil(4) && groups[4] === 0xffff && f === 0) return dotted(g, h);
  if (isZeroUntil(6) && !isLoopbackOrUnspecified) return dotted(g, h);
  if (a === 0x64 && b === 0xff9b) return dotted(g, h);
  if (a === 0x2002) return dotted(b, c);
  if (a === 0x2001 && b === 0) return dotted(g ^ 0xffff, h ^ 0xffff);
  return undefined;
}

function dotted(high: number, low: number): string {
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** The eight 16-bit groups of a valid IPv6 literal without brackets or zone. */
export function ipv6Groups(address: string): number[] {
  const tailStart = address.lastIndexOf(':') + 1;
  const tail = address.slice(tailStart);
  const plain = tail.includes('.') ? `${address.slice(0, tailStart)}${dottedAsHex(tail)}` : address;
  const [left = '', right] = plain.split('::');
  const head = hexGroups(left);
  if (right === undefined) return head;
  const rest = hexGroups(right);
  return [...head, ...Array.from({ length: 8 - head.length - rest.length }, () => 0), ...rest];
}

function dottedAsHex(address: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

function hexGroups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

function blockList(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', bits] = subnet.split('/');
    list.addSubnet(network, Number(bits), network.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}
