import { idPrefixes } from '../domain/ids.ts';
import type {
  CallId,
  IdKind,
  MemberId,
  OrganizationId,
  RelayKeyId,
  UpstreamAccountId,
} from '../domain/ids.ts';
import type { Now } from '../domain/time.ts';

interface IdTypes {
  readonly call: CallId;
  readonly organization: OrganizationId;
  readonly member: MemberId;
  readonly relayKey: RelayKeyId;
  readonly upstreamAccount: UpstreamAccountId;
  readonly transaction: string;
}

/** Makes ids: prefix, 10 characters of time, 16 of randomness (80 bits). Sorts by the millisecond of making. */
export interface IdSource {
  next<Kind extends IdKind>(kind: Kind): IdTypes[Kind];
}

interface IdSourceDeps {
  readonly now: Now;
  readonly randomBytes: (size: number) => Uint8Array;
}

/** Crockford's alphabet: no I, L, O, U, in ascending byte order so that text order is time order. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const randomChars = 16;
/** One call to the system's random source serves 256 ids. */
const poolBytes = randomChars * 256;

function encodeTime(at: number): string {
  let rest = at;
  let text = '';
  for (let index = 0; index < 10; index += 1) {
    text = alphabet.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

export function createIdSource(deps: IdSourceDeps): IdSource {
  let pool = new Uint8Array(0);
  let offset = 0;
  let lastAt = -1;
  let lastTime = '';
  return {
    next<Kind extends IdKind>(kind: Kind): IdTypes[Kind] {
      const at = deps.now();
      if (at !== lastAt) {
        lastAt = at;
        lastTime = encodeTime(at);
      }
      if (offset >= pool.length) {
        pool = Uint8Array.from(deps.randomBytes(poolBytes));
        offset = 0;
      }
      let text = idPrefixes[kind] + lastTime;
      for (const end = offset + randomChars; offset < end; offset += 1) {
        text += alphabet.charAt((pool[offset] ?? 0) & 31);
      }
      return text as IdTypes[Kind];
    },
  };
}
