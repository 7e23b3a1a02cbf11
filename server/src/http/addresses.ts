import type { Operation, RequestTarget } from '../protocols/wire-protocol.ts';
import type { ClientProtocolId } from '../protocols/canonical/request.ts';
import type { BodyFields } from './complete-body.ts';

/** A data route: which protocol and operation an address means. Every one goes through every stage. */
export interface DataRoute {
  readonly protocol: ClientProtocolId;
  readonly target: RequestTarget;
  /** What a cloud's address says in place of the body; `completeBody` puts it there. */
  readonly bodyFields?: BodyFields;
}

interface Endpoint {
  readonly path: string;
  readonly protocol: ClientProtocolId;
  readonly operation: Operation;
}

/** Every fixed data address in its right spelling. */
export const endpoints: readonly Endpoint[] = [
  { path: '/v1/chat/completions', protocol: 'openai-chat', operation: 'generate' },
  { path: '/v1/responses', protocol: 'openai-responses', operation: 'generate' },
  { path: '/v1/responses/input_tokens', protocol: 'openai-responses', operation: 'count-tokens' },
  { path: '/v1/responses/compact', protocol: 'openai-responses', operation: 'compact' },
  { path: '/v1/messages', protocol: 'anthropic-messages', operation: 'generate' },
  { path: '/v1/messages/count_tokens', protocol: 'anthropic-messages', operation: 'count-tokens' },
  { path: '/v1/completions', protocol: 'openai-completions', operation: 'complete' },
  { path: '/v1/embeddings', protocol: 'openai-embeddings', operation: 'embed' },
];

interface ModelVerb {
  readonly operation: Operation;
  readonly stream: boolean;
}

/** Verbs after the last colon of a model address. */
export const modelVerbs: Readonly<Record<string, ModelVerb>> = {
  generateContent: { operation: 'generate', stream: false },
  streamGenerateContent: { operation: 'generate', stream: true },
  countTokens: { operation: 'count-tokens', stream: false },
  embedContent: { operation: 'embed', stream: false },
  batchEmbedContents: { operation: 'embed', stream: false },
};

const endpointsByPath = new Map(endpoints.map((endpoint) => [endpoint.path, endpoint]));
const modelAddress = /^\/(v1|v1beta|v1alpha)\/models\/(.+):([A-Za-z]+)$/;
/** Vertex, with a project or (by API key) without. */
const publisherAddress =
  /^\/(v1|v1beta1|v1beta|v1alpha)\/(?:projects\/[^/]+\/locations\/[^/]+\/)?publishers\/([a-z]+)\/models\/(.+):([A-Za-z]+)$/;
/** Azure OpenAI: the deployment stands for the model. */
const deploymentAddress = /^\/v1\/deployments\/([^/]+)(\/.+)$/;

/** What an account keeps of an answer, and what can be done with it. */
interface StoredVerb {
  readonly method?: 'GET' | 'DELETE';
  readonly verb?: string;
}

/** By what stands after the id, then by method; the first is what other methods are told to use. */
export const storedVerbs: Readonly<Record<string, readonly StoredVerb[]>> = {
  '': [{ method: 'GET' }, { method: 'DELETE' }],
  '/cancel': [{ verb: 'cancel' }],
  '/input_items': [{ method: 'GET', verb: 'input_items' }],
};

const storedAddress = /^\/v1\/responses\/([^/]+)(\/[a-z_]+)?$/;

function storedRoute(path: string, query: string, method: string): DataRoute | undefined {
  const [, encodedId = '', rest = ''] = storedAddress.exec(path) ?? [];
  const verbs = storedVerbs[rest] ?? [];
  const verb = verbs.find((known) => (known.method ?? 'POST') === method) ?? verbs[0];
  const resource = decodeSegment(encodedId);
  if (verb === undefined || resource === undefined || resource === '') return undefined;
  return { protocol: 'openai-responses', target: { operation: 'stored', resource, query, ...verb } };
}

/** The data route of a path without query, tolerant of the base URLs people type; `undefined` when there is none. */
export function findDataRoute(path: string, query: string, method = 'POST'): DataRoute | undefined {
  const exact = endpointsByPath.get(path);
  if (exact !== undefined) return { protocol: exact.protocol, target: { operation: exact.operation, query } };
  const plain = plainPath(path);
  const endpoint = endpointsByPath.get(plain);
  if (endpoint !== undefined) {
    return { protocol: endpoint.protocol, target: { operation: endpoint.operation, query } };
  }
  return (
    modelRoute(plain, query) ??
    storedRoute(plain, query, method) ??
    publisherRoute(plain, query) ??
    deploymentRoute(plain, query)
  );
}

function modelRoute(path: string, query: string): DataRoute | undefined {
  const [, apiVersion = '', encodedModel = '', verb = ''] = modelAddress.exec(path) ?? [];
  return verbRoute({ apiVersion, encodedModel, verb, query });
}

interface ModelAddress {
  readonly apiVersion: string;
  readonly encodedModel: string;
  readonly verb: string;
  readonly query: string;
}

function verbRoute({ apiVersion, encodedModel, verb, query }: ModelAddress): DataRoute | undefined {
  const meaning = Object.hasOwn(modelVerbs, verb) ? modelVerbs[verb] : undefined;
  const model = decodeSegment(encodedModel);
  if (meaning === undefined || model === undefined || model === '') return undefined;
  return { protocol: 'gemini', target: { ...meaning, model, apiVersion, verb, query } };
}

function cloudVerbRoute(address: ModelAddress): DataRoute | undefined {
  const route = verbRoute(address);
  return route === undefined ? undefined : { ...route, target: { ...route.target, isCloudAddress: true } };
}

/** Verbs under which a cloud takes a body of the publisher's own protocol, without its model. */
const rawVerbs: ReadonlyMap<string, { readonly stream: boolean }> = new Map([
  ['rawPredict', { stream: false }],
  ['streamRawPredict', { stream: true }],
]);
/** Stands in place of a model where tokens are counted; the model is in the body. */
const countingModel = 'count-tokens';

function rawRoute({ encodedModel, verb, query }: ModelAddress): DataRoute | undefined {
  const meaning = rawVerbs.get(verb);
  const model = decodeSegment(encodedModel);
  if (meaning === undefined || model === undefined || model === '') return undefined;
  const isCounting = model === countingModel;
  return {
    protocol: 'anthropic-messages',
    target: { operation: isCounting ? 'count-tokens' : 'generate', query },
    bodyFields: isCounting ? {} : { model: plainName(model), ...(meaning.stream ? { stream: true } : {}) },
  };
}

/** The cloud dates a snapshot with `@`, its publisher with a hyphen. */
function plainName(model: string): string {
  return model.replace(/@(\d{8})$/, '-$1').replace(/@default$/, '');
}

const publisherRoutes: ReadonlyMap<string, (address: ModelAddress) => DataRoute | undefined> = new Map([
  ['google', cloudVerbRoute],
  ['anthropic', rawRoute],
]);

function publisherRoute(path: string, query: string): DataRoute | undefined {
  const [, apiVersion = '', publisher = '', encodedModel = '', verb = ''] = publisherAddress.exec(path) ?? [];
  return publisherRoutes.get(publisher)?.({ apiVersion, encodedModel, verb, query });
}

function deploymentRoute(path: string, query: string): DataRoute | undefined {
  const [, deployment = '', rest = ''] = deploymentAddress.exec(path) ?? [];
  const endpoint = endpointsByPath.get(`/v1${rest}`);
  const model = decodeSegment(deployment);
  if (endpoint === undefined || model === undefined || model === '') return undefined;
  return {
    protocol: endpoint.protocol,
    target: { operation: endpoint.operation, query },
    bodyFields: { model },
  };
}

const ignoredPrefixes = new Set(['anthropic', 'openai', 'gemini', 'google', 'api']);
const versions = new Set(['v1', 'v1beta', 'v1beta1', 'v1alpha']);

/**
 * The right spelling of a path: provider prefixes and doubled versions go, a missing version becomes `/v1`.
 * `/anthropic/v1/messages`, `/v1/v1/messages`, `/openai/chat/completions` all mean what they look like.
 */
export function plainPath(path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '');
  while (segments.length > 1 && ignoredPrefixes.has(segments[0] ?? '')) segments.shift();
  while (segments.length > 1 && versions.has(segments[0] ?? '') && versions.has(segments[1] ?? ''))
    segments.shift();
  if (!versions.has(segments[0] ?? '')) segments.unshift('v1');
  return `/${segments.join('/')}`;
}

/** Percent-decodes one segment; `undefined` when it is not valid UTF-8. */
export function decodeSegment(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
