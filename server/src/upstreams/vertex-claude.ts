import { changeMembers, type MemberChanges } from '../platform/json-members.ts';
import { readValue, scanJson } from '../platform/json-scan.ts';
import type { LossList } from '../protocols/canonical/losses.ts';
import { readUpstreamFailure } from '../protocols/upstream-failure.ts';
import type { Carriage } from './carriage.ts';
import { loseMediaSources } from './media-sources.ts';

/** Stands for the protocol's version of 2023-06-01, which most clients ask for. */
const cloudVersion = 'vertex-2023-10-16';
const plainVersion = '2023-06-01';

/**
 * Betas by their name at Anthropic, with their name here. What is not in it is left out: one unknown beta makes the cloud
 * refuse the request (2026-11; vertex-sdk 1.1.3 and adapters of other projects agree).
 */
const betas: ReadonlyMap<string, string> = new Map(
  [
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
  ].map((beta) => [beta, beta] as const),
).set('advanced-tool-use-2025-11-20', 'tool-search-tool-2025-10-19');

/** What only Anthropic's own API has, and what its absence means; `undefined` where nothing. */
const firstPartyFields: Readonly<Record<string, Parameters<LossList['add']>[0] | undefined>> = {
  speed: 'speed_dropped',
  inference_geo: 'region_dropped',
  container: 'container_refused',
  mcp_servers: 'mcp_servers_refused',
  fallbacks: 'fallbacks_dropped',
  fallback_credit_token: 'fallbacks_dropped',
  service_tier: undefined,
  diagnostics: undefined,
};
/** These say no more than a field that is not there. */
const idleValues: ReadonlySet<unknown> = new Set([null, 'standard', 'auto']);

function withoutFirstPartyFields(body: Buffer, losses: LossList): MemberChanges {
  const { values } = scanJson(body);
  const changes: Record<string, undefined> = {};
  for (const [name, loss] of Object.entries(firstPartyFields)) {
    const span = values.get(name);
    if (span === undefined) continue;
    changes[name] = undefined;
    const value = readValue(body, span);
    const isIdle = idleValues.has(value) || (Array.isArray(value) && value.length === 0);
    if (loss !== undefined && !isIdle) losses.add(loss);
  }
  return changes;
}

/** Claude on Vertex: the model stands in the address, the version in the body, and betas are its own choice. */
export const vertexClaudeCarriage: Carriage = {
  wrap(body, request) {
    const { target } = request;
    const version = request.header('anthropic-version') ?? plainVersion;
    const isCounting = target.operation === 'count-tokens';
    loseMediaSources(body, request.losses);
    return changeMembers(body, {
      ...withoutFirstPartyFields(body, request.losses),
      ...(isCounting ? {} : { model: undefined }),
      anthropic_version: version === plainVersion ? cloudVersion : version,
    });
  },
  headers(request) {
    const asked = (request.header('anthropic-beta') ?? '').split(',').map((beta) => beta.trim());
    const known = new Set(asked.flatMap((beta) => betas.get(beta) ?? []));
    if (asked.some((beta) => beta !== '' && !betas.has(beta))) request.losses.add('beta_dropped');
    return known.size === 0 ? [] : ['anthropic-beta', [...known].join(',')];
  },
  /** The platform's own refusals come in Google's words, those of the model in Anthropic's. */
  readFailure(status, headers, body) {
    return { error: readUpstreamFailure(status, headers, body).error };
  },
};
