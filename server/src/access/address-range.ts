import { BlockList, isIP, SocketAddress } from 'node:net';

interface Range {
  readonly list: BlockList;
}

/** Parsed ranges, kept because a key's ranges are checked on each call. Bounded by the number of distinct ranges. */
const parsed = new Map<string, Range | undefined>();
const parsedAtMost = 10_000;

/** `::ffff:10.0.0.1` is how a dual-stack socket shows the IPv4 address 10.0.0.1. */
function plainAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  return mapped?.[1] ?? address;
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

function parseRange(text: string): Range | undefined {
  const [written = '', bits, ...rest] = text.trim().split('/');
  const address = plainAddress(written);
  if (rest.length > 0 || isIP(address) === 0) return undefined;
  const family = familyOf(address);
  const list = new BlockList();
  if (bits === undefined) {
    list.addAddress(new SocketAddress({ address, family }));
    return { list };
  }
  // A mapped range counts its bits from the start of the IPv6 form.
  const width = Number(bits) - (address === written ? 0 : 96);
  const isWidth = /^\d{1,3}$/.test(bits) && width >= 0 && width <= (family === 'ipv4' ? 32 : 128);
  if (!isWidth) return undefined;
  list.addSubnet(address, width, family);
  return { list };
}

/** True for an address such as `10.0.0.1` or `2001:db8::1`, or a range of them such as `10.0.0.0/8`. */
export function isAddressRange(text: string): boolean {
  return parseRange(text) !== undefined;
}

/** True when the address lies in the range; a range that cannot be read holds no address. */
export function isAddressWithin(address: string, range: string): boolean {
  if (!parsed.has(range)) {
    if (parsed.size >= parsedAtMost) parsed.clear();
    parsed.set(range, parseRange(range));
  }
  const plain = plainAddress(address);
  if (isIP(plain) === 0) return false;
  return parsed.get(range)?.list.check(plain, familyOf(plain)) ?? false;
}
