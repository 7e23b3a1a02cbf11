import type { Usage } from '../../server/src/domain/usage.ts';
import { fieldsOf, jsonOf, payloadsOf, type Fields, type Recording } from './recording.ts';

/**
 * The usage a recording reports, worked out from its body alone and without any code of the relay, so that a fault of
 * the relay's meters cannot hide behind itself.
 */
export type ExpectedUsage = Pick<
  Usage,
  | 'input'
  | 'cacheRead'
  | 'cacheWrite5m'
  | 'cacheWrite30m'
  | 'cacheWrite1h'
  | 'cacheWrite12h'
  | 'output'
  | 'reasoning'
>;

/** How a wire reports usage: OpenAI and all who follow it, Anthropic, Gemini, Bedrock Converse, or not at all. */
export type UsageForm = 'openai' | 'anthropic' | 'gemini' | 'converse' | 'none';

const readers: Readonly<Record<Exclude<UsageForm, 'none'>, (report: Fields) => ExpectedUsage>> = {
  openai: openaiCounts,
  anthropic: anthropicCounts,
  gemini: geminiCounts,
  converse: converseCounts,
};

/** `undefined` where the recorded answer says nothing about usage. */
export function expectedUsage(recording: Recording, form: UsageForm): ExpectedUsage | undefined {
  if (form === 'none') return undefined;
  const payloads = payloadsOf(recording.response) ?? [jsonOf(recording.response) ?? {}];
  let report: Fields | undefined;
  for (const payload of payloads) {
    const found = reportIn(payload);
    if (found === undefined) continue;
    // Anthropic reports the start and the end of a message apart; everybody else's reports are whole, zeros left out.
    report = form === 'anthropic' ? replaced(report ?? {}, found) : found;
  }
  return report === undefined ? undefined : readers[form](report);
}

/** Everywhere a body, chunk or event may carry its usage report. */
function reportIn(payload: Fields): Fields | undefined {
  const choices = Array.isArray(payload['choices']) ? payload['choices'] : [];
  return (
    fieldsOf(payload['usage']) ??
    fieldsOf(payload['usageMetadata']) ??
    fieldsOf(fieldsOf(payload['message'])?.['usage']) ??
    fieldsOf(fieldsOf(payload['response'])?.['usage']) ??
    fieldsOf(fieldsOf(payload['x_groq'])?.['usage']) ??
    fieldsOf(fieldsOf(choices[0])?.['usage'])
  );
}

/** The last value that is not null wins; nothing is ever added up. */
function replaced(before: Fields, after: Fields): Fields {
  const merged: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(after)) {
    if (value === null) continue;
    const [known, inner] = [fieldsOf(before[name]), fieldsOf(value)];
    merged[name] = known !== undefined && inner !== undefined ? replaced(known, inner) : value;
  }
  return merged;
}

function openaiCounts(report: Fields): ExpectedUsage {
  const asked = fieldsOf(report['prompt_tokens_details']) ?? fieldsOf(report['input_tokens_details']) ?? {};
  const said =
    fieldsOf(report['completion_tokens_details']) ?? fieldsOf(report['output_tokens_details']) ?? {};
  const prompt = count(report, 'prompt_tokens') || count(report, 'input_tokens');
  const completion = count(report, 'completion_tokens') || count(report, 'output_tokens');
  const reasoning = count(said, 'reasoning_tokens');
  const cacheRead =
    count(asked, 'cached_tokens') ||
    count(report, 'prompt_cache_hit_tokens') ||
    count(report, 'cached_tokens') ||
    count(report, 'num_cached_tokens');
  const written = count(asked, 'cache_write_tokens');
  const writtenFor12h = count(fieldsOf(asked['cache_write_tokens_details']) ?? {}, 'ttl_12h_tokens');
  // Some leave reasoning out of the completion; then the total is larger by just that.
  const isApart = reasoning > 0 && count(report, 'total_tokens') - prompt - completion === reasoning;
  const output = isApart ? completion + reasoning : completion;
  return {
    ...nothing,
    input: Math.max(0, prompt - cacheRead - written),
    cacheRead,
    cacheWrite30m: written - writtenFor12h,
    cacheWrite12h: writtenFor12h,
    output,
    reasoning,
  };
}

function anthropicCounts(report: Fields): ExpectedUsage {
  const split = fieldsOf(report['cache_creation']);
  const hour = count(split ?? {}, 'ephemeral_1h_input_tokens');
  const total = count(report, 'cache_creation_input_tokens');
  const compactions = (Array.isArray(report['iterations']) ? report['iterations'] : [])
    .map((entry) => fieldsOf(entry) ?? {})
    .filter((entry) => entry['type'] === 'compaction');
  const billedApart = (name: string): number =>
    compactions.reduce((sum, entry) => sum + count(entry, name), 0);
  const output = count(report, 'output_tokens') + billedApart('output_tokens');
  const thinking = count(fieldsOf(report['output_tokens_details']) ?? {}, 'thinking_tokens');
  return {
    ...nothing,
    input: count(report, 'input_tokens') + billedApart('input_tokens'),
    cacheRead: count(report, 'cache_read_input_tokens') + billedApart('cache_read_input_tokens'),
    cacheWrite5m:
      (count(split ?? {}, 'ephemeral_5m_input_tokens') || Math.max(0, total - hour)) +
      billedApart('cache_creation_input_tokens'),
    cacheWrite1h: hour,
    output,
    reasoning: thinking,
  };
}

function geminiCounts(report: Fields): ExpectedUsage {
  const cacheRead = count(report, 'cachedContentTokenCount');
  const reasoning = count(report, 'thoughtsTokenCount');
  const fed = count(report, 'promptTokenCount') + count(report, 'toolUsePromptTokenCount');
  return {
    ...nothing,
    input: Math.max(0, fed - cacheRead),
    cacheRead,
    output: count(report, 'candidatesTokenCount') + reasoning,
    reasoning,
  };
}

function converseCounts(report: Fields): ExpectedUsage {
  return {
    ...nothing,
    input: count(report, 'inputTokens'),
    cacheRead: count(report, 'cacheReadInputTokens'),
    cacheWrite5m: count(report, 'cacheWriteInputTokens'),
    output: count(report, 'outputTokens'),
  };
}

const nothing: ExpectedUsage = {
  input: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite30m: 0,
  cacheWrite1h: 0,
  cacheWrite12h: 0,
  output: 0,
  reasoning: 0,
};

function count(source: Fields, name: string): number {
  const value = source[name];
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.round(value) : 0;
}

/** The first class that differs, in words; `undefined` when none does. */
export function usageDifference(expected: ExpectedUsage, metered: Usage): string | undefined {
  const names = Object.keys(nothing) as (keyof ExpectedUsage)[];
  const differing = names.filter((name) => expected[name] !== metered[name]);
  if (differing.length === 0) return undefined;
  return differing.map((name) => `${name} ${metered[name]} instead of ${expected[name]}`).join(', ');
}
