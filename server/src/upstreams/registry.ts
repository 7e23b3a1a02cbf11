/**
 * Upstreams: how to reach each provider - base URL, authentication, the protocols it speaks, headers it may see.
 * Knows no routing, no money and no client. Begin at `upstream-kind.ts`; a new kind is one file and one line here.
 */
import { anthropic } from './anthropic.ts';
import { azureOpenai } from './azure-openai.ts';
import { bedrock } from './bedrock.ts';
import { foundryClaude } from './foundry-claude.ts';
import { gemini } from './gemini.ts';
import { openaiCompatible } from './openai-compatible.ts';
import { openai } from './openai.ts';
import { vertex } from './vertex.ts';
import type { UpstreamKind } from './upstream-kind.ts';

export const upstreamKinds: readonly UpstreamKind[] = [
  anthropic,
  openai,
  gemini,
  bedrock,
  vertex,
  azureOpenai,
  foundryClaude,
  openaiCompatible,
];

export function findUpstreamKind(id: string): UpstreamKind | undefined {
  return upstreamKinds.find((kind) => kind.id === id);
}

/** How kinds spell the models of the catalogue: under which other names it may know one, and at which surcharge. */
export const catalogueSpelling = {
  otherNames: (model: string): readonly string[] =>
    upstreamKinds.flatMap((kind) => kind.catalogueNames?.(model) ?? []),
  surchargeOf: (model: string): string | undefined =>
    upstreamKinds.map((kind) => kind.surchargeOf?.(model)).find((name) => name !== undefined),
};
