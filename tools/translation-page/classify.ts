import { isDeepStrictEqual } from 'node:util';
import { abilitiesOf } from '../../server/src/domain/model-families.ts';
import type { ModelFacts } from '../../server/src/domain/catalogue.ts';
import type {
  CanonicalRequest,
  Json,
  JsonObject,
  ProtocolId,
} from '../../server/src/protocols/canonical/request.ts';
import { loseExtraFields } from '../../server/src/protocols/canonical/extra-fields.ts';
import { createLossList } from '../../server/src/protocols/canonical/losses.ts';
import type { RequestTarget } from '../../server/src/protocols/wire-protocol.ts';
import { clientHalf, readRequest, upstreamHalf } from '../replay/translated/client-request.ts';
import type { ClientProtocol } from '../../server/test/conformance/strict/index.ts';
import type { Probe } from './probes.ts';

/** An upstream protocol, and a current model behind it that the probes ask for. */
export interface ProbedUpstream {
  readonly protocol: ProtocolId;
  readonly title: string;
  readonly model: string;
}

const target = (model: string): RequestTarget => ({ operation: 'generate', query: '', model, stream: false });

function plainRequest(model: string, origin: ProtocolId): CanonicalRequest {
  return {
    origin,
    model,
    stream: true,
    system: [],
    turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
    tools: [],
    stop: [],
    sampling: {},
    includeUsage: true,
    extra: {},
  };
}

/**
 * What becomes of one field on its way from a client to an upstream, found by asking: two requests that differ in the field
 * alone go through both half-codecs, and what differs in what comes out is the outcome.
 */
export function outcomeOf(
  probe: Probe,
  client: ClientProtocol,
  upstream: ProbedUpstream,
  factsOf: (model: string) => ModelFacts | undefined,
): string {
  const said = sayable(probe, client, upstream.model);
  if (said === undefined) return '–';
  const encode = (request: CanonicalRequest) => encodeFor(upstream, request, factsOf(upstream.model));
  const [before, after] = [encode(said.before), encode(said.after)];
  const known = new Set(before.losses.map(({ code }) => code));
  const named = after.losses.filter(({ code }) => !known.has(code));
  const refused = named.filter(({ outcome }) => outcome === 'refused').map(({ code }) => code);
  if (refused.length > 0) return `R ${refused.join(' ')}`;
  if (named.length > 0) return `W ${named.map(({ code }) => code).join(' ')}`;
  if (isDeepStrictEqual(before.value, after.value)) return 'I';
  const carried = probe.read(readRequest(after.value, target(upstream.model), upstream.protocol));
  return isDeepStrictEqual(carried, probe.read(said.after)) ? 'K' : 'A';
}

/** What becomes of a field that only its own protocol has. */
export function extraOutcome(name: string): string {
  const losses = createLossList();
  const values: Readonly<Record<string, Json>> = {
    modalities: ['audio'],
    responseModalities: ['AUDIO'],
    context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
  };
  const extra = { [name]: values[name] ?? true };
  loseExtraFields({ ...plainRequest('model-x', 'openai-chat'), extra }, losses);
  const [loss] = losses.list();
  return loss === undefined ? 'I' : `${loss.outcome === 'refused' ? 'R' : 'W'} ${loss.code}`;
}

interface Said {
  readonly before: CanonicalRequest;
  readonly after: CanonicalRequest;
}

/**
 * Both requests as the client's own protocol says them; `undefined` where it has no words for the field. Some encoders take
 * what their own protocol said from where they kept it, others only what came from their own: either shows the words.
 */
function sayable(probe: Probe, client: ClientProtocol, model: string): Said | undefined {
  return saidFrom(client, probe, client, model) ?? saidFrom('bedrock-converse', probe, client, model);
}

function saidFrom(origin: ProtocolId, probe: Probe, client: ClientProtocol, model: string): Said | undefined {
  const own = ownModels[client];
  const plain = plainRequest(own, origin);
  const without = probe.before?.(plain) ?? plain;
  const half = clientHalf(client);
  const say = (request: CanonicalRequest): CanonicalRequest => {
    const accepts = abilitiesOf({ model: own, protocol: client }, undefined);
    const { value } = half.encodeRequest({ ...request, accepts }, undefined);
    return { ...half.decodeRequest(value, target(own)), model, stream: true, includeUsage: true };
  };
  const [before, after] = [say(without), say(probe.add(without))];
  const isSaid = probe.read(after) !== undefined && !isDeepStrictEqual(probe.read(before), probe.read(after));
  return isSaid ? { before, after } : undefined;
}

/** A model of the client's own provider, for which its words are written without loss. */
const ownModels: Readonly<Record<ClientProtocol, string>> = {
  'openai-chat': 'gpt-4.1',
  'openai-responses': 'gpt-5.5',
  'anthropic-messages': 'claude-sonnet-4-5',
  gemini: 'gemini-2.5-flash',
};

function encodeFor(
  { protocol, model }: ProbedUpstream,
  request: CanonicalRequest,
  facts: ModelFacts | undefined,
): { readonly value: JsonObject; readonly losses: readonly { code: string; outcome: string }[] } {
  const accepts = abilitiesOf({ model, protocol }, facts);
  return upstreamHalf(protocol).encodeRequest({ ...request, model, accepts }, facts);
}
