import { promptTokens, type Usage } from '../../domain/usage.ts';
import { defined } from '../canonical/read-json.ts';
import { servedTier, type TierWords } from '../canonical/tiers.ts';
import type { JsonObject } from '../canonical/request.ts';

const tiers: TierWords = { standard: 'standard', flex: 'flex', priority: 'priority' };

/**
 * Usage as Gemini reports it: the prompt includes what came from the cache but not what tools fed back, candidates leave
 * thoughts out.
 */
export function encodeUsage(usage: Usage): JsonObject {
  const prompt = promptTokens(usage);
  const { cacheRead, output, audioInput, imageInput, audioOutput, imageOutput, toolInput = 0 } = usage;
  // Some servers report more reasoning than output; clients add the parts up.
  const reasoning = Math.min(usage.reasoning, output);
  const promptDetails = details(audioInput, imageInput);
  const answerDetails = details(audioOutput, imageOutput);
  return {
    promptTokenCount: prompt - toolInput,
    ...(toolInput === 0 ? {} : { toolUsePromptTokenCount: toolInput }),
    ...(cacheRead === 0 ? {} : { cachedContentTokenCount: cacheRead }),
    candidatesTokenCount: output - reasoning,
    ...(reasoning === 0 ? {} : { thoughtsTokenCount: reasoning }),
    totalTokenCount: prompt + output,
    ...(promptDetails.length === 0 ? {} : { promptTokensDetails: promptDetails }),
    ...(answerDetails.length === 0 ? {} : { candidatesTokensDetails: answerDetails }),
    ...defined({ serviceTier: servedTier(usage.serviceTier, tiers) }),
  };
}

function details(audio: number, image: number): readonly JsonObject[] {
  return [
    ...(audio === 0 ? [] : [{ modality: 'AUDIO', tokenCount: audio }]),
    ...(image === 0 ? [] : [{ modality: 'IMAGE', tokenCount: image }]),
  ];
}
