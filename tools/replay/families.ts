import { findDataRoute } from '../../server/src/http/addresses.ts';
import { jsonOf, type Recording } from './recording.ts';
import type { UsageForm } from './expected-usage.ts';

/** How the recordings of one family reach the relay, and the relay their provider. */
export interface FamilyRule {
  /** Upstream kind of the account that stands for the provider. */
  readonly kind: string;
  /** Splits a recorded path, query aside, into what belongs to the base URL and what the protocol says. */
  readonly address: RegExp;
  /** Put before the protocol's part to make the relay's own address. */
  readonly relayPrefix: string;
  readonly usage: UsageForm;
  /** Every complete answer has one of these. */
  readonly answerFields: readonly string[];
  /** Options of the account, as a recorded address tells them. */
  optionsOf?(url: URL): Readonly<Record<string, string>>;
  /** Which half-codecs the recordings are put through besides. */
  readonly codec?: 'openai-chat' | 'anthropic-messages';
  /** The recordings are of the vendor's own server, so they come back from its codec as they were, dialects aside. */
  readonly isVendor?: boolean;
}

const openaiAddress = /^(.*?)(\/(?:chat\/completions|responses|embeddings)(?:\/[^:]*)?)$/;
const openaiRule = {
  address: openaiAddress,
  relayPrefix: '/v1',
  usage: 'openai',
  answerFields: ['choices', 'output', 'data'],
} as const;
const geminiAddress = /^(.*?)(\/v1(?:beta|alpha)?\/models\/.+:\w+)$/;
const geminiRule = { kind: 'gemini', address: geminiAddress, relayPrefix: '' };
const vertexAddress = /^(.*?)(\/v1(?:beta1)?\/projects\/[^/]+\/locations\/[^/]+\/publishers\/.+:\w+)$/;
const azureRule = {
  kind: 'azure-openai',
  address: /^(.*?)(\/openai\/.+)$/,
  relayPrefix: '',
  usage: 'openai',
  answerFields: ['choices', 'output', 'data'],
  optionsOf(url: URL): Readonly<Record<string, string>> {
    const version = url.searchParams.get('api-version');
    return version === null ? {} : { 'api-version': version };
  },
} as const;
const messagesAddress = /^(.*?)(\/v1\/messages(?:\/count_tokens)?)$/;

const rules: Readonly<Record<string, FamilyRule>> = {
  'openai-chat': { ...openaiRule, kind: 'openai', codec: 'openai-chat', isVendor: true },
  'openai-responses': { ...openaiRule, kind: 'openai' },
  'openai-embeddings': { ...openaiRule, kind: 'openai' },
  'compatible-chat': { ...openaiRule, kind: 'openai-compatible', codec: 'openai-chat' },
  'compatible-responses': { ...openaiRule, kind: 'openai' },
  'anthropic-messages': {
    kind: 'anthropic',
    address: messagesAddress,
    relayPrefix: '',
    usage: 'anthropic',
    answerFields: ['content'],
    codec: 'anthropic-messages',
    isVendor: true,
  },
  'anthropic-count-tokens': {
    kind: 'anthropic',
    address: messagesAddress,
    relayPrefix: '',
    usage: 'none',
    answerFields: ['input_tokens'],
  },
  gemini: {
    ...geminiRule,
    usage: 'gemini',
    answerFields: ['candidates', 'promptFeedback', 'embedding', 'embeddings'],
  },
  'vertex-gemini': {
    kind: 'vertex',
    address: vertexAddress,
    relayPrefix: '',
    usage: 'gemini',
    answerFields: ['candidates', 'promptFeedback'],
    optionsOf({ pathname }): Readonly<Record<string, string>> {
      const [, project = '', location = ''] =
        /\/projects\/([^/]+)\/locations\/([^/]+)\//.exec(pathname) ?? [];
      return { project, location };
    },
  },
  'azure-chat': { ...azureRule, codec: 'openai-chat' },
  'azure-responses': azureRule,
  'gemini-count-tokens': { ...geminiRule, usage: 'none', answerFields: ['totalTokens'] },
};

/** Families that no client of the relay can ask for in the provider's own words. */
const withoutClient: Readonly<Record<string, string>> = {
  'bedrock-converse': 'no client speaks Converse: it is replayed in translation',
  'bedrock-invoke': 'the relay invokes Claude alone at Amazon Bedrock, and no embeddings',
};

/** One recording on its way through the relay. */
export interface Passage {
  readonly recording: Recording;
  readonly rule: FamilyRule;
  /** Recorded path prefix, which the account's base URL carries. */
  readonly basePath: string;
  /** Address at the relay, with the recorded query. */
  readonly relayPath: string;
  /** Options of the account that stands for the provider. */
  readonly options: Readonly<Record<string, string>>;
}

export function ruleOf(family: string): FamilyRule | undefined {
  return rules[family];
}

/** The way of a recording through the relay, or why there is none today. */
export function passageOf(recording: Recording): Passage | string {
  const { family, method, path } = recording;
  const rule = rules[family];
  if (rule === undefined) {
    return withoutClient[family] ?? `the family "${family}" is not known to the replay`;
  }
  const queryAt = path.indexOf('?');
  const plain = queryAt === -1 ? path : path.slice(0, queryAt);
  const query = queryAt === -1 ? '' : path.slice(queryAt);
  const [, prefix, own] = rule.address.exec(plain) ?? [];
  if (prefix === undefined || own === undefined)
    return `the relay has no route for ${method} ${shapeOf(plain)}`;
  const relayPath = rule.relayPrefix + own;
  if (method !== 'POST' || findDataRoute(relayPath, query.slice(1)) === undefined) {
    return `the relay has no route for ${method} ${shapeOf(relayPath)}`;
  }
  if (query !== '' && rule.relayPrefix !== '')
    return `the relay passes no query on to the kind "${rule.kind}"`;
  const kept = keptFields.find((field) => (jsonOf(recording.request)?.[field] ?? null) !== null);
  if (kept !== undefined) {
    return `it goes on from what the provider keeps under an id that the relay did not give (${kept})`;
  }
  const options = rule.optionsOf?.(new URL(path, 'http://recorded')) ?? {};
  const isCount = plain.endsWith('/input_tokens');
  return {
    recording,
    rule: isCount ? { ...rule, usage: 'none' } : rule,
    basePath: prefix,
    relayPath: relayPath + query,
    options,
  };
}

/** Only ids that the relay itself gave are known to it. */
const keptFields = ['previous_response_id', 'conversation'];

/** A path without the ids in it, so that equal reasons are counted as one. */
function shapeOf(path: string): string {
  return path.replace(/\/(?:resp|msg|conv|chatcmpl)_[\w-]+/g, '/{id}');
}
