import { readRuntimeFailure } from '../protocols/bedrock-converse/errors.ts';
import { createBedrockAuthorizer } from './bedrock-authorizer.ts';
import { wrapClaudeBody } from './bedrock-claude-body.ts';
import {
  bedrockCatalogueNames,
  bedrockSurcharge,
  callableModels,
  isClaude,
  withoutGeography,
} from './bedrock-models.ts';
import { claudeFrame, converseFrame, createUnwrapper, eventStreamType } from './bedrock-stream.ts';
import type { Carriage } from './carriage.ts';
import type { ConnectionSettings, UpstreamAddress, UpstreamKind } from './upstream-kind.ts';

/** InvokeModel: Claude in its own words. */
const invoked: Carriage = {
  wrap(body, request) {
    const wrapped = wrapClaudeBody(body, request);
    return request.target.operation === 'count-tokens' ? counted(wrapped) : wrapped;
  },
  unwrap: (body, target) => (target.operation === 'count-tokens' ? countOf(body) : body),
  stream: { contentType: eventStreamType, createUnwrapper: () => createUnwrapper(claudeFrame) },
  readFailure: readRuntimeFailure,
};

const conversed: Carriage = {
  stream: { contentType: eventStreamType, createUnwrapper: () => createUnwrapper(converseFrame) },
};

/** Amazon Bedrock: Claude by InvokeModel in Anthropic's own protocol, every other model by Converse. */
export const bedrock: UpstreamKind = {
  id: 'bedrock',
  title: 'Amazon Bedrock',
  baseUrlOf: (options) =>
    `https://bedrock-runtime.${options['region'] ?? ''}.${domainOf(options['region'] ?? '')}`,
  options: [{ name: 'region', meaning: 'AWS region that is asked, e.g. us-east-1', isRequired: true }],
  needsCredential: true,
  presets: {},
  catalogueNames: bedrockCatalogueNames,
  surchargeOf: bedrockSurcharge,
  speaks(operation, model) {
    if (operation === 'generate') return [isClaude(model) ? 'anthropic-messages' : 'bedrock-converse'];
    return operation === 'count-tokens' && isClaude(model) ? ['anthropic-messages'] : [];
  },
  forwardedHeaders: [],
  requiredHeaders: [],
  address(_settings, protocol, model, target) {
    if (target.operation === 'count-tokens') {
      return { path: `/model/${encodeURIComponent(withoutGeography(model))}/count-tokens`, headers: [] };
    }
    const plain = protocol === 'bedrock-converse' ? 'converse' : 'invoke';
    const streamed = protocol === 'bedrock-converse' ? 'converse-stream' : 'invoke-with-response-stream';
    return { path: `/model/${encodeURIComponent(model)}/${target.stream ? streamed : plain}`, headers: [] };
  },
  carriage: (protocol) => (protocol === 'bedrock-converse' ? conversed : invoked),
  createAuthorizer: createBedrockAuthorizer,
  listModels: {
    address: controlAddress,
    parse: callableModels,
  },
};

function domainOf(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
}

/** Models are listed by another host than the one that runs them, where the address is AWS's own. */
function controlAddress({ baseUrl }: ConnectionSettings): UpstreamAddress {
  const { origin, hostname } = new URL(baseUrl);
  const address = { path: '/foundation-models', headers: [] };
  if (!hostname.startsWith('bedrock-runtime.')) return address;
  return { ...address, origin: origin.replace('bedrock-runtime.', 'bedrock.') };
}

function counted(body: Buffer): Buffer {
  return Buffer.from(`{"input":{"invokeModel":{"body":"${body.toString('base64')}"}}}`);
}

/** The count as Anthropic tells it; what is none stays for the protocol to refuse. */
function countOf(body: Buffer): Buffer {
  const tokens = /^\s*\{\s*"inputTokens"\s*:\s*(\d+)\s*\}\s*$/.exec(body.toString('utf8'))?.[1];
  return tokens === undefined ? body : Buffer.from(`{"input_tokens":${tokens}}`);
}
