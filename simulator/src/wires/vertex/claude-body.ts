import type { Exchange } from '../../engine/exchange.ts';
import type { Json, JsonObject, WireRefusal } from '../../engine/simulated-call.ts';
import { anthropic } from '../../providers/anthropic.ts';
import { isObject, textOr } from '../shape.ts';

const CLOUD_VERSION = 'vertex-2023-10-16';
const PLAIN_VERSIONS = ['2023-06-01', '2026-10-21'];
const COUNTING = 'count-tokens';

/** Betas the cloud knows, as of 2026-11; any other is refused. */
const BETAS: ReadonlySet<string> = new Set([
  'compact-2026-01-12',
  'compact-2026-09-04',
  'computer-use-2025-01-24',
  'computer-use-2025-11-24',
  'context-1m-2025-08-07',
  'context-management-2025-06-27',
  'dangerous-tool-use-2026-09-03',
  'interleaved-thinking-2025-05-14',
  'per-turn-control-2026-07-01',
  'thinking-binding-controls-2026-08-01',
  'thinking-display-updates-2026-08-18',
  'tool-search-tool-2025-10-19',
  'web-search-2025-03-05',
]);

/** The request as Anthropic's own wire would see it, or the cloud's refusal. */
export function claudeRequest(exchange: Exchange, model: string, verb: string): Exchange | WireRefusal {
  const refuse = (message: string, status = 400): WireRefusal => ({
    status,
    headers: {},
    body: anthropic.errorBody({ status, requestId: exchange.requestId, message }),
  });
  const body = parse(exchange.bodyText);
  if (body === undefined) return refuse('The request body is not valid JSON');
  const isCounting = model === COUNTING;
  if (verb !== 'rawPredict' && (verb !== 'streamRawPredict' || isCounting)) {
    return refuse(`Method ${verb} is not found.`, 404);
  }
  const version = body['anthropic_version'];
  if (version === undefined) return refuse('anthropic_version: Field required');
  if (version !== CLOUD_VERSION && !PLAIN_VERSIONS.includes(textOr(version))) {
    return refuse(`anthropic_version: Input should be '${CLOUD_VERSION}'`);
  }
  if (!isCounting && body['model'] !== undefined) return refuse('model: Extra inputs are not permitted');
  if (exchange.headers['anthropic-version'] !== undefined) {
    return refuse('anthropic-version: this header is not taken here; set anthropic_version in the body');
  }
  if (!isCounting && (body['stream'] === true) !== (verb === 'streamRawPredict')) {
    return refuse(`stream: does not go with ${verb}`);
  }
  const given = exchange.headers['anthropic-beta'] ?? '';
  const unknown = given.split(',').find((beta) => beta.trim() !== '' && !BETAS.has(beta.trim()));
  if (unknown !== undefined) {
    return refuse(`Unexpected value(s) \`${unknown.trim()}\` for the \`anthropic-beta\` header.`);
  }
  if (holdsUrlSource(body['messages'])) return refuse('messages: URL sources are not supported on Vertex AI');
  const output = body['output_config'];
  if (body['output_format'] !== undefined || (isObject(output) && output['format'] !== undefined)) {
    return refuse(
      'output_config.format: structured outputs are not enabled for this organization on Vertex AI (organization policy).',
    );
  }
  const { anthropic_version: _version, ...rest } = body;
  const named = isCounting ? textOr(body['model']) : model;
  return {
    ...exchange,
    path: isCounting ? '/v1/messages/count_tokens' : '/v1/messages',
    headers: {
      ...exchange.headers,
      'anthropic-version': version === CLOUD_VERSION ? '2023-06-01' : textOr(version),
    },
    bodyText: JSON.stringify({ ...rest, model: named.replace('@', '-').replace(/-default$/, '') }),
  };
}

/** The cloud fetches nothing: pictures and documents come within the request. */
function holdsUrlSource(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.some((item: Json) => holdsUrlSource(item));
  if (!isObject(value)) return false;
  const source = value['source'];
  if (isObject(source) && source['type'] === 'url') return true;
  return Object.values(value).some((inner) => holdsUrlSource(inner));
}

function parse(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
