import { changeMembers } from '../platform/json-members.ts';
import { readUpstreamFailure } from '../protocols/upstream-failure.ts';
import type { Carriage } from './carriage.ts';

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

/** Claude on Vertex: the model stands in the address, the version in the body, and betas are its own choice. */
export const vertexClaudeCarriage: Carriage = {
  wrap(body, request) {
    const { target } = request;
    const version = request.header('anthropic-version') ?? plainVersion;
    const isCounting = target.operation === 'count-tokens';
    return changeMembers(body, {
      ...(isCounting ? {} : { model: undefined }),
      anthropic_version: version === plainVersion ? cloudVersion : version,
    });
  },
  headers(request) {
    const asked = (request.header('anthropic-beta') ?? '').split(',').map((beta) => beta.trim());
    const known = new Set(asked.flatMap((beta) => betas.get(beta) ?? []));
    return known.size === 0 ? [] : ['anthropic-beta', [...known].join(',')];
  },
  /** The platform's own refusals come in Google's words, those of the model in Anthropic's. */
  readFailure(status, headers, body) {
    return { error: readUpstreamFailure(status, headers, body).error };
  },
};
