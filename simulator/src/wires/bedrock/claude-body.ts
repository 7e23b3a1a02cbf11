import type { Exchange } from '../../engine/exchange.ts';
import type { Json, JsonObject } from '../../engine/simulated-call.ts';
import { anthropicMessages } from '../anthropic/index.ts';
import { isArray, isObject, textOr } from '../shape.ts';
import { sendEventStream } from './event-stream.ts';
import { claudeNameOf } from './models.ts';
import { refuse } from './refusals.ts';

const VERSIONS = ['bedrock-2023-05-31', '2023-06-01', '2026-10-21'];

/** Fields that are not Bedrock's, though they are Anthropic's. */
const FOREIGN = [
  'model',
  'stream',
  'cache_control',
  'container',
  'diagnostics',
  'fallbacks',
  'inference_geo',
  'mcp_servers',
  'service_tier',
  'speed',
  'thread',
];

/** Betas that Bedrock knows, as of 2026-11; any other is refused. */
const BETAS: ReadonlySet<string> = new Set([
  'compact-2026-01-12',
  'computer-use-2024-10-22',
  'computer-use-2025-01-24',
  'computer-use-2025-11-24',
  'context-1m-2025-08-07',
  'context-management-2025-06-27',
  'dev-full-thinking-2025-05-14',
  'effort-2025-11-24',
  'fine-grained-tool-streaming-2025-05-14',
  'interleaved-thinking-2025-05-14',
  'output-128k-2025-02-19',
  'thinking-binding-controls-2026-08-01',
  'token-efficient-tools-2025-02-19',
  'tool-examples-2025-10-29',
  'tool-search-tool-2025-10-19',
]);

/** A request of InvokeModel, answered by Anthropic's own wire in Bedrock's wrapping. */
export function invokeClaude(
  exchange: Exchange,
  body: JsonObject,
  options: { readonly modelId: string; readonly operation: 'invoke' | 'stream' | 'count' },
): Promise<void> {
  const version = textOr(body['anthropic_version']);
  if (version === '') refuse('anthropic_version: Field required');
  if (!VERSIONS.includes(version)) refuse('Invalid API version');
  const foreign = FOREIGN.find((name) => body[name] !== undefined);
  if (foreign !== undefined) refuse(`${foreign}: Extra inputs are not permitted`);
  const betas = isArray(body['anthropic_beta']) ? body['anthropic_beta'].map((beta) => textOr(beta)) : [];
  if (betas.some((beta) => !BETAS.has(beta))) refuse('invalid beta flag');
  if (holdsForeignSource(body['messages'])) refuse('messages: URL and file sources are not supported');
  const { anthropic_version: _version, anthropic_beta: _beta, ...rest } = body;
  const { max_tokens: _limit, ...counted } = rest;
  const isCount = options.operation === 'count';
  const inner = {
    ...(isCount ? counted : rest),
    model: claudeNameOf(options.modelId),
    ...(options.operation === 'stream' ? { stream: true } : {}),
  };
  return anthropicMessages.handle({
    ...exchange,
    path: isCount ? '/v1/messages/count_tokens' : '/v1/messages',
    headers: {
      ...exchange.headers,
      'anthropic-version': version === 'bedrock-2023-05-31' ? '2023-06-01' : version,
      'anthropic-beta': betas.join(','),
    },
    bodyText: JSON.stringify(inner),
    refuse: (refusal) => Promise.reject(asRefusal(refusal.status, refusal.body)),
    sendStream: (frames) => sendEventStream(exchange, frames, 'invoke'),
    sendJson: (status, told) => exchange.sendJson(status, isCount ? countIn(told) : told),
  });
}

function asRefusal(status: number, body: Json): unknown {
  const error = isObject(body) && isObject(body['error']) ? body['error'] : {};
  try {
    return refuse(textOr(error['message'], 'Malformed input request'), status);
  } catch (refusal) {
    return refusal;
  }
}

function countIn(told: Json): Json {
  return isObject(told) ? { inputTokens: told['input_tokens'] ?? 0 } : told;
}

/** Bedrock fetches nothing and keeps no files. */
function holdsForeignSource(value: Json | undefined): boolean {
  if (isArray(value)) return value.some(holdsForeignSource);
  if (!isObject(value)) return false;
  const source = value['source'];
  if (isObject(source) && (source['type'] === 'url' || source['type'] === 'file')) return true;
  return holdsForeignSource(value['content']);
}
