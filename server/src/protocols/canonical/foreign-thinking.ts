import { asString, parseObject } from './read-json.ts';
import type { Opaque, Origin, ProtocolId } from './request.ts';

/**
 * A client that replays reasoning may insist on a signature where the upstream that reasoned gave none, or gave one in
 * another form. It gets a mark of ours that names the origin and holds the origin's own opaque value, so that both can
 * go back there and never to a provider that would refuse them. The mark protects nothing: forging it only decides what
 * becomes of one's own text, and the provider checks its own value by itself.
 */
const prefix = 'qingzhou1.';

interface ThinkingMark {
  readonly origin: Origin;
  readonly opaque?: Opaque;
}

export function writeThinkingMark(origin: Origin, opaque?: Opaque): string {
  const { protocol, model } = origin;
  const held = opaque === undefined ? {} : { kind: opaque.kind, value: opaque.value };
  return prefix + Buffer.from(JSON.stringify({ protocol, model, ...held }), 'utf8').toString('base64url');
}

/** What a mark says; `undefined` for any other signature. */
export function readThinkingMark(signature: string): ThinkingMark | undefined {
  if (!signature.startsWith(prefix)) return undefined;
  const body = parseObject(Buffer.from(signature.slice(prefix.length), 'base64url').toString('utf8'));
  const protocol = asString(body?.['protocol']);
  if (protocol === undefined) return undefined;
  const origin = { protocol: protocol as ProtocolId, model: asString(body?.['model']) ?? '' };
  const kind = opaqueKinds.find((known) => known === body?.['kind']);
  const value = asString(body?.['value']);
  if (kind === undefined || value === undefined) return { origin };
  return { origin, opaque: { kind, value, origin } };
}

const opaqueKinds: readonly Opaque['kind'][] = ['signature', 'redacted', 'encrypted', 'thought-signature'];
