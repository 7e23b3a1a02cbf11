import { asList, asShape, asText, textBytes, type Shape } from '../json-shape.ts';
import type { MeteredUsage } from '../stream-rules.ts';
import { tokenCounts, usageOf, type TokenCounts } from '../token-counts.ts';
import { freeReading, readUnaryBody } from '../unary-reading.ts';
import type { Envelope, UnaryReading } from '../wire-protocol.ts';

/**
 * Usage as Gemini reports it: the prompt includes cached tokens but not what tools fed back, candidates exclude
 * thoughts. On stream chunks it is cumulative.
 */
export function geminiUsage(report: Shape, webSearches: number): MeteredUsage {
  const counts = tokenCounts();
  const cacheRead = counts.of(report, 'cachedContentTokenCount');
  const toolInput = counts.of(report, 'toolUsePromptTokenCount');
  const fed = counts.of(report, 'promptTokenCount') + toolInput;
  const thoughts = counts.of(report, 'thoughtsTokenCount');
  const tier = asText(report['serviceTier']);
  const usage = usageOf({
    input: counts.without(fed, cacheRead),
    cacheRead,
    toolInput,
    output: counts.of(report, 'candidatesTokenCount') + thoughts,
    reasoning: thoughts,
    audioInput: uncached(counts, report, 'AUDIO'),
    imageInput: uncached(counts, report, 'IMAGE'),
    audioOutput: modality(counts, report['candidatesTokensDetails'], 'AUDIO'),
    imageOutput: modality(counts, report['candidatesTokensDetails'], 'IMAGE'),
    webSearches,
    ...(tier === undefined ? {} : { serviceTier: tier }),
  });
  return { usage, anomalies: counts.anomalies };
}

function modality(counts: TokenCounts, details: unknown, name: string): number {
  return asList(details)
    .map(asShape)
    .filter((detail) => detail?.['modality'] === name)
    .reduce((sum, detail) => sum + counts.of(detail, 'tokenCount'), 0);
}

function uncached(counts: TokenCounts, report: Shape, name: string): number {
  const prompt = modality(counts, report['promptTokensDetails'], name);
  return counts.without(prompt, modality(counts, report['cacheTokensDetails'], name));
}

const labels: ReadonlySet<string> = new Set(['role', 'thoughtSignature', 'id', 'mimeType']);

/** Bytes of generated content in a response or a chunk of one. */
export function contentBytes(answer: Shape): number {
  return asList(answer['candidates'])
    .map((candidate) => textBytes(asShape(candidate)?.['content'], labels))
    .reduce((sum, bytes) => sum + bytes, 0);
}

/** Searches that Google ran for the answer. */
export function searchQueries(answer: Shape): number {
  return asList(answer['candidates'])
    .flatMap((candidate) => asList(asShape(asShape(candidate)?.['groundingMetadata'])?.['webSearchQueries']))
    .filter((query) => asText(query) !== undefined).length;
}

/** A blocked prompt is an answer without candidates; so is a candidate stopped for any other cause than its end. */
export function isBlocked(answer: Shape): boolean {
  if (asText(asShape(answer['promptFeedback'])?.['blockReason']) !== undefined) return true;
  return asList(answer['candidates']).some((candidate) => {
    const reason = asText(asShape(candidate)?.['finishReason']);
    return reason !== undefined && reason !== 'STOP' && reason !== 'MAX_TOKENS';
  });
}

export function readGeminiUnary(body: Buffer, envelope: Envelope): UnaryReading {
  const isFree = envelope.operation === 'count-tokens';
  const reading = readUnaryBody(body, envelope, (answer) => {
    if (Boolean(answer['error']) || !isAnswer(answer, envelope)) return undefined;
    const report = asShape(answer['usageMetadata']);
    const vectors = Number('embedding' in answer) + asList(answer['embeddings']).length;
    return {
      metered: report === undefined ? undefined : geminiUsage(report, searchQueries(answer)),
      contentBytes: () => contentBytes(answer) + vectors + Number(isFree),
      isEmptyByIntent: isBlocked(answer),
      servedModel: asText(answer['modelVersion']),
    };
  });
  return isFree ? { ...reading, reading: freeReading } : reading;
}

function isAnswer(answer: Shape, envelope: Envelope): boolean {
  if (envelope.operation === 'count-tokens') return typeof answer['totalTokens'] === 'number';
  if (envelope.operation === 'embed') return 'embedding' in answer || 'embeddings' in answer;
  return 'candidates' in answer || 'promptFeedback' in answer || 'usageMetadata' in answer;
}
