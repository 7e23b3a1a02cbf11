import type { CacheTtl, Json, SimulatedCall } from '../../engine/simulated-call.ts';
import { isObject } from '../shape.ts';
import type { OpenAiModel } from './models.ts';

type Segment = SimulatedCall['segments'][number];

/** Collects a prompt block by block, with what its media cost and where it asked to be cached. */
export interface Prompt {
  readonly segments: Segment[];
  mediaTokens: number;
}

export function addSegment(prompt: Prompt, text: string, part?: Json): void {
  const cacheTtl = breakpointTtl(part);
  prompt.segments.push(cacheTtl === undefined ? { text } : { text, cacheTtl });
}

function breakpointTtl(part: Json | undefined): CacheTtl | undefined {
  if (!isObject(part)) return undefined;
  const breakpoint = part['prompt_cache_breakpoint'];
  if (!isObject(breakpoint)) return undefined;
  return breakpoint['ttl'] === '12h' ? '12h' : '30m';
}

/** Models that bill cache writes keep a prefix for half an hour; older ones cache by themselves and say less. */
export function cachingOf(
  prompt: Prompt,
  model: OpenAiModel,
  options: Json | undefined,
): Pick<SimulatedCall, 'segments' | 'caching'> {
  const mode = isObject(options) ? options['mode'] : undefined;
  if (mode === 'explicit') return { segments: prompt.segments, caching: 'explicit' };
  const segments = model.reportsCacheWrites
    ? prompt.segments.map((segment) => ({ cacheTtl: '30m' as const, ...segment }))
    : prompt.segments;
  return { segments, caching: 'automatic' };
}
