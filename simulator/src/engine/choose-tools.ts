import type { Directives } from './directives.ts';
import { satisfySchema } from './satisfy-schema.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { DeclaredTool, JsonObject, SimulatedCall } from './simulated-call.ts';
import { writeSentence } from './write-text.ts';

export interface ChosenCall {
  readonly name: string;
  readonly input: JsonObject | string;
}

const ASKS_FOR_A_TOOL = /\b(?:use|call|invoke)\b[^.?!]*\b(?:tools?|functions?)\b|调用|使用工具/i;
const ASKS_FOR_SEVERAL = /\bparallel\b|\bat once\b|\btwice\b|\bboth\b|并行/i;

/** The calls this turn makes: those a directive spells out, those the choice demands, those the prompt asks for. */
export function chooseToolCalls(
  call: SimulatedCall,
  directives: Directives,
  random: SeededRandom,
): readonly ChosenCall[] {
  if (call.tools.length === 0 || call.toolChoice === 'none') return [];
  const forced = typeof call.toolChoice === 'object' ? call.toolChoice.name : undefined;
  const isFree = call.toolChoice === 'auto';
  if (isFree && call.endsWithToolResults) return [];
  const spelled = directives.toolCalls.filter(
    ({ name }) => call.tools.some((tool) => tool.name === name) && (forced === undefined || forced === name),
  );
  const wanted = spelled.length > 0 ? spelled : namesToCall(call, forced).map((name) => ({ name }));
  const allowed = call.allowsParallelCalls ? wanted : wanted.slice(0, 1);
  return allowed.map((entry) => {
    const tool = call.tools.find((tool) => tool.name === entry.name);
    const input = 'input' in entry ? entry.input : undefined;
    return { name: entry.name, input: input ?? (tool === undefined ? {} : inputFor(tool, random)) };
  });
}

function namesToCall(call: SimulatedCall, forced: string | undefined): readonly string[] {
  const mentioned = forced === undefined ? mentionedTools(call) : [forced];
  const isAsked =
    mentioned.length > 0 || call.toolChoice !== 'auto' || ASKS_FOR_A_TOOL.test(call.lastUserText);
  if (!isAsked) return [];
  const first = call.tools[0]?.name;
  const names = mentioned.length > 0 || first === undefined ? mentioned : [first];
  const isOneAskedInParallel = names.length === 1 && ASKS_FOR_SEVERAL.test(call.lastUserText);
  return isOneAskedInParallel ? [...names, ...names] : names;
}

function mentionedTools(call: SimulatedCall): readonly string[] {
  const places = call.tools
    .map(({ name }) => ({ name, at: positionOf(name, call.lastUserText) }))
    .filter(({ at }) => at >= 0);
  return places.toSorted((left, right) => left.at - right.at).map(({ name }) => name);
}

function positionOf(name: string, text: string): number {
  const escaped = name.replaceAll(/[^\w]/g, String.raw`\$&`);
  return text.search(new RegExp(`(?<![\\w-])${escaped}(?![\\w-])`));
}

function inputFor(tool: DeclaredTool, random: SeededRandom): JsonObject | string {
  if (tool.isFreeText) return writeSentence(random);
  const value = satisfySchema(tool.schema, random);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
