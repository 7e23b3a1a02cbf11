import { RelayError } from '../../../server/src/domain/errors.ts';
import type {
  CanonicalRequest,
  JsonObject,
  ProtocolId,
} from '../../../server/src/protocols/canonical/request.ts';
import { protocolRegistry, upstreamProtocols } from '../../../server/src/protocols/registry.ts';
import type {
  ClientTranslation,
  RequestTarget,
  UpstreamTranslation,
} from '../../../server/src/protocols/wire-protocol.ts';
import { clientProtocols, type ClientProtocol } from '../../../server/test/conformance/strict/index.ts';
import { jsonOf, type Recording } from '../recording.ts';
import { readConverseRequest } from './converse-request.ts';

/** A recorded conversation as a client of some protocol would send it. */
export interface ClientRequest {
  readonly path: string;
  readonly body: JsonObject;
  /** As the relay will read it. */
  readonly canonical: CanonicalRequest;
  /** What this protocol has no words for. */
  readonly unsaid: readonly string[];
}

export function clientHalf(id: ClientProtocol): ClientTranslation & UpstreamTranslation {
  const { translation } = protocolRegistry[id];
  if (translation === undefined) throw new Error(`${id} takes no part in translation`);
  return translation;
}

export function upstreamHalf(id: ProtocolId): UpstreamTranslation {
  const { translation } = upstreamProtocols[id];
  if (translation === undefined) throw new Error(`${id} takes no part in translation`);
  return translation;
}

const fixedPaths: Readonly<Partial<Record<ClientProtocol, string>>> = {
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
  'anthropic-messages': '/v1/messages',
};

/** What a recorded address says besides the body: model and mode, where they stand there. */
export function targetOf(recording: Recording): RequestTarget {
  const [plain = '', query = ''] = recording.path.split('?');
  const named = /\/models\/([^/:]+):(\w+)$/.exec(plain) ?? /\/(?:model|deployments)\/([^/]+)\//.exec(plain);
  if (named === null) return { operation: 'generate', query };
  const [, model = '', verb] = named;
  const isStream = verb === 'streamGenerateContent' || plain.endsWith('-stream');
  return { operation: 'generate', query, model: decodeURIComponent(model), stream: isStream };
}

/** A request in the words of what the provider speaks, read into canonical form. */
export function readRequest(body: JsonObject, target: RequestTarget, protocol: ProtocolId): CanonicalRequest {
  const client = clientProtocols.find((id) => id === protocol);
  return client === undefined
    ? readConverseRequest(body, target)
    : clientHalf(client).decodeRequest(body, target);
}

/** The canonical form of a recorded request, or why it has none. */
export function decodeRecorded(recording: Recording, protocol: ProtocolId): CanonicalRequest | string {
  const body = jsonOf(recording.request) as JsonObject | undefined;
  if (body === undefined) return 'the request has no JSON body';
  try {
    return readRequest(body, targetOf(recording), protocol);
  } catch (error) {
    if (error instanceof RelayError)
      return `it cannot leave its provider: ${error.details.param ?? error.code}`;
    throw error;
  }
}

/** The conversation in the words of a client's protocol, or why it has none there. */
export function sayAs(
  client: ClientProtocol,
  recorded: CanonicalRequest,
  stream: boolean,
): ClientRequest | string {
  const half = clientHalf(client);
  const { value, losses } = half.encodeRequest({ ...recorded, stream, includeUsage: true }, undefined);
  const refused = losses.filter(({ outcome }) => outcome === 'refused').map(({ code }) => code);
  if (refused.length > 0) return `${client} has no words for it: ${refused.join(', ')}`;
  const verb = stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
  const path = fixedPaths[client] ?? `/v1beta/models/${encodeURIComponent(recorded.model)}:${verb}`;
  const target: RequestTarget = { operation: 'generate', query: 'alt=sse', model: recorded.model, stream };
  return {
    path,
    body: value,
    canonical: half.decodeRequest(value, target),
    unsaid: losses.map(({ code }) => code),
  };
}
