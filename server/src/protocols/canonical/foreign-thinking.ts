import { asString, parseObject } from './read-json.ts';
import type { Origin, ProtocolId } from './request.ts';

/**
 * A client that replays reasoning may insist on a signature where the upstream that reasoned gave none. It gets a mark
 * of ours that names the origin and holds nothing else, so that the text can go back there and never to a provider
 * that would refuse it. The mark protects nothing: forging it only decides what becomes of one's own text.
 */
const prefix = 'qingzhou1.';

export function writeThinkingMark(origin: Origin): string {
  const body = JSON.stringify({ protocol: origin.protocol, model: origin.model });
  return prefix + Buffer.from(body, 'utf8').toString('base64url');
}

/** The origin named by a mark; `undefined` for any other signature. */
export function readThinkingMark(signature: string): Origin | undefined {
  if (!signature.startsWith(prefix)) return undefined;
  const body = parseObject(Buffer.from(signature.slice(prefix.length), 'base64url').toString('utf8'));
  const protocol = asString(body?.['protocol']);
  if (protocol === undefined) return undefined;
  return { protocol: protocol as ProtocolId, model: asString(body?.['model']) ?? '' };
}
