import { changeMembers } from '../platform/json-members.ts';
import { readValue, scanJson, type Span } from '../platform/json-scan.ts';
import type { LossList } from '../protocols/canonical/losses.ts';
import type { CarriedRequest } from './carriage.ts';
import { loseMediaSources } from './media-sources.ts';

/**
 * A body of Anthropic Messages as InvokeModel takes it: model and mode stand in the address, version and betas in the
 * body, and what Bedrock does not know is a 400 there. Values that stay go byte for byte: signed blocks depend on it.
 */
const plainVersion = '2023-06-01';
const bedrockVersion = 'bedrock-2023-05-31';

/** Fields that Bedrock takes. */
const kept: ReadonlySet<string> = new Set([
  'max_tokens',
  'messages',
  'metadata',
  'output_config',
  'stop_sequences',
  'system',
  'temperature',
  'thinking',
  'tool_choice',
  'tools',
  'top_k',
  'top_p',
]);

/** Fields that come with a beta, by a word in its name. */
const betaFields: Readonly<Record<string, RegExp>> = {
  context_management: /^(context-management|compact)-/,
  output_format: /^structured-outputs-/,
};

/** What becomes of others that are not simply without effect. */
const lost: Readonly<Record<string, Parameters<LossList['add']>[0]>> = {
  speed: 'speed_dropped',
  inference_geo: 'region_dropped',
  container: 'container_refused',
  mcp_servers: 'mcp_servers_refused',
  context_management: 'context_management_dropped',
  compaction: 'context_management_dropped',
  fallbacks: 'fallbacks_dropped',
  fallback_credit_token: 'fallbacks_dropped',
};
const withoutEffect: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'cache_control',
  'diagnostics',
  // Anthropic's tiers are bought there; Bedrock's are chosen otherwise.
  'service_tier',
  'anthropic_version',
  'anthropic_beta',
]);

/**
 * Betas that Bedrock knows, and for which models where it is not all; any other is `400 invalid beta flag` there.
 * From what AWS documents and what gateways had refused to them (coder/aibridge#221, 2026-03; BerriAI/litellm#41203, 2026-08).
 */
const betas: Readonly<Record<string, RegExp>> = {
  'computer-use-2024-10-22': /./,
  'computer-use-2025-01-24': /./,
  'computer-use-2025-11-24': /./,
  'token-efficient-tools-2025-02-19': /./,
  'output-128k-2025-02-19': /./,
  'interleaved-thinking-2025-05-14': /./,
  'dev-full-thinking-2025-05-14': /./,
  'fine-grained-tool-streaming-2025-05-14': /./,
  'context-1m-2025-08-07': /claude-(sonnet-4|opus-4-6|sonnet-5|opus-5)/,
  'context-management-2025-06-27': /claude-(\w+-(4-5|4-[6-9]|[5-9])|fable|mythos)/,
  'effort-2025-11-24': /claude-opus-4-5/,
  'tool-search-tool-2025-10-19': /claude-(\w+-(4-5|4-[6-9]|[5-9])|fable|mythos)/,
  'tool-examples-2025-10-29': /claude-(\w+-(4-5|4-[6-9]|[5-9])|fable|mythos)/,
  'compact-2026-01-12': /claude-(\w+-(4-[6-9]|[5-9])|fable|mythos)/,
  'thinking-binding-controls-2026-08-01': /claude-(\w+-5|fable|mythos)/,
};

export function wrapClaudeBody(body: Buffer, request: CarriedRequest): Buffer {
  const { values } = scanJson(body);
  const flags = allowedBetas(body, values, request);
  const isCount = request.target.operation === 'count-tokens';
  const changes: Record<string, unknown> = {};
  for (const [name, { start, end }] of values) {
    const value = body.subarray(start, end);
    if (!isTaken(name, { value, flags }, request.losses)) changes[name] = undefined;
  }
  changes['anthropic_version'] = versionOf(request);
  if (flags.length > 0) changes['anthropic_beta'] = flags;
  if (isCount && !values.has('max_tokens')) changes['max_tokens'] = leastLimit(body, values);
  loseMediaSources(body, request.losses);
  return changeMembers(body, changes);
}

interface Member {
  readonly value: Buffer;
  readonly flags: readonly string[];
}

/** What says no more than its absence is no loss. */
const idleValues: ReadonlySet<string> = new Set(['null', '"standard"', '[]']);

function isTaken(name: string, { value, flags }: Member, losses: LossList): boolean {
  if (kept.has(name)) return true;
  const beta = betaFields[name];
  if (beta !== undefined && flags.some((flag) => beta.test(flag))) return true;
  if (withoutEffect.has(name) || idleValues.has(value.toString('latin1', 0, 16))) return false;
  losses.add(lost[name] ?? 'unknown_field_dropped');
  return false;
}

/** Later versions of the wire change what a request means, so they are named; the first has a name of Bedrock's own. */
function versionOf(request: CarriedRequest): string {
  const version = request.header('anthropic-version');
  return version === undefined || version === plainVersion ? bedrockVersion : version;
}

function allowedBetas(
  body: Buffer,
  values: ReadonlyMap<string, Span>,
  request: CarriedRequest,
): readonly string[] {
  const span = values.get('anthropic_beta');
  const inBody: unknown = span === undefined ? [] : readValue(body, span);
  const named = Array.isArray(inBody) ? inBody.filter((flag) => typeof flag === 'string') : [];
  const inHeader = (request.header('anthropic-beta') ?? '').split(',').map((flag) => flag.trim());
  const asked = [...new Set([...named, ...inHeader])].filter((flag) => flag !== '');
  const allowed = asked.filter((flag) => betas[flag]?.test(request.model) === true);
  if (allowed.length < asked.length) request.losses.add('beta_dropped');
  return allowed;
}

/** Counting takes a whole request; its limit has no effect but must be above the thinking budget. */
function leastLimit(body: Buffer, values: ReadonlyMap<string, Span>): number {
  const span = values.get('thinking');
  const thinking: unknown = span === undefined ? undefined : readValue(body, span);
  const budget: unknown =
    typeof thinking === 'object' && thinking !== null ? Reflect.get(thinking, 'budget_tokens') : 0;
  return (typeof budget === 'number' && budget > 0 ? budget : 0) + 1024;
}
