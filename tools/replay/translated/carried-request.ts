import { isDeepStrictEqual } from 'node:util';
import type { LossCode } from '../../../server/src/protocols/canonical/losses.ts';
import type {
  CanonicalRequest,
  EffortLevel,
  MediaPart,
  Part,
  TextPart,
} from '../../../server/src/protocols/canonical/request.ts';
import { effortOfBudget } from '../../../server/src/protocols/canonical/reasoning-levels.ts';
import { excerpt } from '../differences.ts';

/**
 * Everything of a request that may not change without being named, and the names that explain a change. What is not
 * here has no effect on the answer's meaning: ids, cache keys, metadata, hints at the person.
 */
interface Aspect {
  readonly what: string;
  readonly read: (request: CanonicalRequest) => unknown;
  /** Whether what arrived holds what was asked; equality when absent. */
  readonly has?: (reached: unknown, asked: unknown) => boolean;
  readonly explainedBy: readonly LossCode[];
}

const contentLosses: readonly LossCode[] = [
  'block_dropped',
  'system_turn_wrapped',
  'missing_tool_result_added',
  'orphan_tool_result_as_text',
  'empty_turn_filled',
  'tool_result_media_moved',
  'json_mode_by_instruction',
  'citations_dropped',
];
const sampling: readonly LossCode[] = ['temperature_dropped', 'temperature_clamped', 'top_p_dropped'];
const reasoningLosses: readonly LossCode[] = [
  'reasoning_dropped',
  'reasoning_level_changed',
  'reasoning_cannot_be_off',
  'reasoning_off_with_tools',
  'reasoning_off_in_tool_loop',
  'reasoning_off_small_limit',
];
const schemaLosses: readonly LossCode[] = [
  'schema_rewritten',
  'schema_not_strict',
  'schema_by_forced_tool',
  'json_mode_by_instruction',
];
const choiceLosses: readonly LossCode[] = [
  'tool_choice_weakened',
  'allowed_tools_weakened',
  'schema_by_forced_tool',
  'hosted_tool_dropped',
  'indexed_search_dropped',
];

const aspects: readonly Aspect[] = [
  {
    what: 'the system text',
    read: systemTexts,
    has: holdsInOrder,
    explainedBy: ['json_mode_by_instruction', 'schema_rewritten'],
  },
  { what: 'what was said', read: saidTexts, has: holdsInOrder, explainedBy: contentLosses },
  { what: 'the calls', read: callsOf, explainedBy: contentLosses },
  { what: 'the results', read: resultsOf, explainedBy: contentLosses },
  { what: 'the media', read: mediaOf, explainedBy: contentLosses },
  { what: 'the tools', read: toolNames, explainedBy: [...choiceLosses, 'strict_tools_dropped'] },
  { what: 'the choice of tools', read: choiceOf, explainedBy: choiceLosses },
  {
    what: 'one call at a time',
    read: (request) => (request.tools.length > 0 ? request.parallelToolCalls !== false : true),
    explainedBy: ['parallel_calls_not_limited', ...choiceLosses],
  },
  {
    what: 'the output limit',
    read: (request) => request.maxOutputTokens,
    explainedBy: ['max_tokens_clamped', 'max_tokens_raised', ...reasoningLosses],
  },
  {
    what: 'temperature',
    read: ({ sampling: { temperature } }) => (temperature === 1 ? undefined : temperature),
    explainedBy: sampling,
  },
  {
    what: 'top_p',
    read: ({ sampling: { topP } }) => (topP === 1 ? undefined : topP),
    explainedBy: sampling,
  },
  { what: 'top_k', read: (request) => request.sampling.topK, explainedBy: ['top_k_dropped'] },
  { what: 'the seed', read: (request) => request.sampling.seed, explainedBy: ['seed_dropped'] },
  { what: 'the penalties', read: penaltiesOf, explainedBy: ['penalties_dropped'] },
  {
    what: 'the logit bias',
    read: (request) => request.sampling.logitBias,
    explainedBy: ['logit_bias_dropped'],
  },
  { what: 'the number of answers', read: (request) => request.sampling.choices ?? 1, explainedBy: [] },
  { what: 'log probabilities', read: (request) => request.sampling.logprobs === true, explainedBy: [] },
  {
    what: 'the form of the output',
    read: formatOf,
    explainedBy: schemaLosses,
  },
  { what: 'verbosity', read: (request) => request.verbosity, explainedBy: ['verbosity_dropped'] },
  { what: 'the service tier', read: (request) => request.serviceTier, explainedBy: ['service_tier_dropped'] },
];

/**
 * What the request that reached the provider lacks of the recorded one, although no loss tells of it. `said` is the
 * request between the two, in the words of the client: of reasoning, only what these words ask for can arrive.
 */
export function unnamedLosses(
  { recorded, said, reached }: Readonly<Record<'recorded' | 'said' | 'reached', CanonicalRequest>>,
  named: readonly string[],
): readonly string[] {
  const isNamed = (codes: readonly string[]): boolean => codes.some((code) => named.includes(code));
  const missing = aspects
    .filter(({ read, has = isDeepStrictEqual, explainedBy }) => {
      const asked = read(recorded);
      return asked !== undefined && !has(read(reached), asked) && !isNamed(explainedBy);
    })
    .map(({ what, read }) => changed(what, read(recorded), read(reached)));
  const [wanted, given] = [levelOf(said), levelOf(reached)];
  if (wanted === undefined || isNamed(reasoningLosses) || isSameLevel(said, reached)) return missing;
  return [...missing, changed('the reasoning level', wanted, given)];
}

/** A budget stands for a level only roughly, and a model that can merely think or not is at the level it is asked for. */
function isSameLevel(said: CanonicalRequest, reached: CanonicalRequest): boolean {
  const [wanted, given] = [levelOf(said), levelOf(reached)];
  if (wanted === given) return true;
  if (wanted === 'none' || given === 'none') return false;
  const isSwitchedOn = given === undefined && reached.reasoning?.style !== undefined;
  return isSwitchedOn || (given !== undefined && typeof said.reasoning?.budget === 'number');
}

function changed(what: string, before: unknown, after: unknown): string {
  const [was, is] = [JSON.stringify(before), JSON.stringify(after) ?? 'nothing'];
  return `${what} changed and no loss says so: ${excerpt(is, 80)} instead of ${excerpt(was, 80)}`;
}

/** A budget is as good as the level it stands for. */
function levelOf({ reasoning }: CanonicalRequest): EffortLevel | undefined {
  if (reasoning?.effort !== undefined) return reasoning.effort;
  if (reasoning?.style === 'off') return 'none';
  return typeof reasoning?.budget === 'number' ? effortOfBudget(reasoning.budget) : undefined;
}

function systemTexts(request: CanonicalRequest): readonly string[] {
  return request.system.map((part) => plain(part.text));
}

/** Texts of users and assistants in their order; a document that is text is one of them. */
function saidTexts(request: CanonicalRequest): readonly string[] {
  return partsOf(request).flatMap((part) => {
    if (part.type === 'text' || part.type === 'refusal') return [plain(part.text)];
    const text = part.type === 'document' ? documentText(part) : undefined;
    return text === undefined ? [] : [plain(text)];
  });
}

/** White space is not content. */
function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** File names and what stands for a missing turn may come between. */
function holdsInOrder(reached: unknown, asked: unknown): boolean {
  const whole = (reached as readonly string[]).join(' ');
  let from = 0;
  return (asked as readonly string[]).every((piece) => {
    const at = whole.indexOf(piece, from);
    from = at + piece.length;
    return at !== -1;
  });
}

function documentText({ source, mimeType }: MediaPart): string | undefined {
  if (source.type === 'text') return source.text;
  const isText = source.type === 'base64' && mimeType?.startsWith('text/') === true;
  return isText ? Buffer.from(source.data, 'base64').toString('utf8') : undefined;
}

function partsOf(request: CanonicalRequest): readonly Part[] {
  return request.turns.flatMap((turn) => turn.parts);
}

function callsOf(request: CanonicalRequest): unknown {
  return partsOf(request).flatMap((part) =>
    part.type === 'tool-call' ? [[part.name, inputOf(part.argumentsText)]] : [],
  );
}

function inputOf(argumentsText: string): unknown {
  try {
    return argumentsText.trim() === '' ? {} : JSON.parse(argumentsText);
  } catch {
    return { _raw: argumentsText };
  }
}

/** Some wires keep a result as text, others as an object: the letters and digits in it are the same. */
function resultsOf(request: CanonicalRequest): unknown {
  return partsOf(request).flatMap((part) =>
    part.type === 'tool-result' ? [resultText(part.parts.filter((inner) => inner.type === 'text'))] : [],
  );
}

function resultText(parts: readonly TextPart[]): string {
  const text = parts.map((part) => part.text).join('');
  return text
    .replaceAll(/\\[nrt"/\\]|\\u[0-9a-f]{4}/gi, '')
    .replaceAll(/^Error: |^\(no output\)$/g, '')
    .replaceAll(/^\{"(?:output|result|error|return_value)":(.*)\}$/gs, '$1')
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}

const mediaTypes: ReadonlySet<Part['type']> = new Set<MediaPart['type']>([
  'image',
  'document',
  'audio',
  'video',
]);

function mediaOf(request: CanonicalRequest): unknown {
  const parts = partsOf(request).flatMap((part): readonly Part[] =>
    part.type === 'tool-result' ? part.parts : [part],
  );
  return parts.filter(
    (part) => mediaTypes.has(part.type) && (part.type !== 'document' || documentText(part) === undefined),
  ).length;
}

/** A tool that only finds others is not missed where all are offered. */
function toolNames(request: CanonicalRequest): unknown {
  const missed = request.tools.filter((tool) => tool.type !== 'hosted' || tool.lossElsewhere !== 'nothing');
  return missed.map((tool) => tool.name).toSorted();
}

function choiceOf(request: CanonicalRequest): unknown {
  const { toolChoice, tools } = request;
  if (isSchemaByTool(request)) return 'the only tool';
  if (toolChoice === undefined || tools.length === 0 || toolChoice.type === 'auto') return undefined;
  const isForced = toolChoice.type === 'required' || toolChoice.type === 'tool';
  return isForced && tools.length === 1 ? 'the only tool' : toolChoice;
}

/** A schema gives the same guarantee as the one tool that has to be called; the answer becomes that call again. */
function isSchemaByTool({ toolChoice, tools, output }: CanonicalRequest): boolean {
  return toolChoice?.type === 'none' && tools.length === 1 && output?.type === 'schema';
}

function formatOf(request: CanonicalRequest): unknown {
  return isSchemaByTool(request) ? 'text' : (request.output?.type ?? 'text');
}

function penaltiesOf({ sampling: { presencePenalty, frequencyPenalty } }: CanonicalRequest): unknown {
  return [presencePenalty, frequencyPenalty];
}
