import { placeScript } from '../../engine/place-script.ts';
import type { ScriptTurn } from '../../engine/place-script.ts';
import type { CacheTtl, JsonObject, SimulatedCall } from '../../engine/simulated-call.ts';
import { isArray, isObject, objectsOf, textOr } from '../shape.ts';
import { effortOf } from './check-thinking.ts';
import { hostedOffer } from './hosted-blocks.ts';
import { imageTokens } from './images.ts';
import type { ModelRules } from './models.ts';
import { blocksOfType, systemBlocks } from './turns.ts';
import type { Turn } from './turns.ts';

type Segment = SimulatedCall['segments'][number];

const ADAPTIVE_BUDGET_TOKENS = 4096;
const PDF_BYTES_PER_PAGE = 50_000;
const PDF_TOKENS_PER_PAGE = 1500;

/** The request in the engine's terms. Segments run in the provider's cache order: tools, system, messages. */
export function toCall(body: JsonObject, turns: readonly Turn[], model: ModelRules): SimulatedCall {
  const segments = segmentsOf(body, turns);
  const isMarked = segments.some((segment) => segment.cacheTtl !== undefined);
  const choice = isObject(body['tool_choice']) ? body['tool_choice'] : {};
  const maxOutputTokens = Number(body['max_tokens'] ?? 0);
  const endsWithToolResults =
    blocksOfType(
      turns.findLast((turn) => turn.role !== 'system'),
      'tool_result',
    ).length > 0;
  const thinking = thinkingOf(body, { model, endsWithToolResults, maxOutputTokens });
  const schema = schemaOf(body);
  const offer = hostedOffer(body);
  return {
    model: model.id,
    segments,
    mediaTokens: turns.reduce(
      (sum, turn) => sum + turn.blocks.reduce((total, { block }) => total + mediaTokensOf(block), 0),
      0,
    ),
    lastUserText: lastUserText(turns),
    endsWithToolResults,
    ...placeScript(turns.flatMap(scriptTurns)),
    tools: objectsOf(body['tools']).flatMap((tool) => {
      const { input_schema: inputSchema } = tool as { input_schema?: JsonObject };
      return inputSchema === undefined
        ? []
        : [{ name: textOr(tool['name']), schema: inputSchema, isFreeText: false }];
    }),
    ...offer,
    toolChoice: offer.hosted?.forced === undefined ? toolChoiceOf(choice) : 'auto',
    allowsParallelCalls: choice['disable_parallel_tool_use'] !== true,
    ...(thinking === undefined ? {} : { thinking }),
    ...(schema === undefined ? {} : { outputSchema: schema }),
    wantsJson: false,
    stopSequences: (isArray(body['stop_sequences']) ? body['stop_sequences'] : []).map((stop) =>
      textOr(stop),
    ),
    maxOutputTokens,
    choices: 1,
    caching: isMarked ? 'explicit' : 'none',
  };
}

function segmentsOf(body: JsonObject, turns: readonly Turn[]): readonly Segment[] {
  const segments: Segment[] = [
    ...objectsOf(body['tools']).map((tool) => segment(JSON.stringify(without(tool, 'cache_control')), tool)),
    ...systemBlocks(body).map((block) => segment(textOr(block['text']), block)),
    ...turns.flatMap((turn) =>
      turn.blocks.map(({ block }) => segment(`${leadOf(turn, block)}${textOfBlock(block)}`, block)),
    ),
  ];
  // A mark on the whole body stands for one on the last block.
  const last = segments.pop();
  return last === undefined
    ? []
    : [...segments, body['cache_control'] === undefined ? last : segment(last.text, body)];
}

/** A tool's answer stands alone, so that it can be quoted. */
function leadOf(turn: Turn, block: JsonObject): string {
  return block['type'] === 'tool_result' ? '\n\n' : `\n\n${turn.role}: `;
}

function segment(text: string, marked: JsonObject): Segment {
  const mark = marked['cache_control'] ?? innerMark(marked);
  if (!isObject(mark)) return { text };
  return { text, cacheTtl: textOr(mark['ttl'], '5m') as CacheTtl };
}

function innerMark(block: JsonObject): JsonObject | undefined {
  const marks = objectsOf(block['content']).map((inner) => inner['cache_control']);
  return marks.findLast((mark) => isObject(mark));
}

/** What the model reads of a block; bytes of pictures and documents are counted apart. */
function textOfBlock(block: JsonObject): string {
  switch (textOr(block['type'])) {
    case 'text':
      return textOr(block['text']);
    case 'thinking':
      return textOr(block['thinking']);
    case 'image':
      return '';
    case 'document':
      return textOfDocument(block);
    case 'tool_result': {
      const content = block['content'];
      return typeof content === 'string' ? content : objectsOf(content).map(textOfBlock).join('\n');
    }
    default:
      return JSON.stringify(without(block, 'cache_control'));
  }
}

function textOfDocument(block: JsonObject): string {
  const source = isObject(block['source']) ? block['source'] : {};
  const content = source['content'];
  const inner = typeof content === 'string' ? content : objectsOf(content).map(textOfBlock).join('\n');
  const text = source['type'] === 'text' ? textOr(source['data']) : inner;
  return [block['title'], block['context'], text]
    .map((part) => textOr(part))
    .filter((part) => part !== '')
    .join('\n');
}

function mediaTokensOf(block: JsonObject): number {
  if (block['type'] === 'image') return imageTokens(block);
  if (block['type'] === 'tool_result')
    return objectsOf(block['content']).reduce((sum, inner) => sum + mediaTokensOf(inner), 0);
  const source = block['source'];
  if (block['type'] !== 'document' || !isObject(source)) return 0;
  if (source['type'] === 'content')
    return objectsOf(source['content']).reduce((sum, inner) => sum + mediaTokensOf(inner), 0);
  if (source['type'] === 'text') return 0;
  const bytes = textOr(source['data']).length * 0.75;
  return Math.max(1, Math.ceil(bytes / PDF_BYTES_PER_PAGE)) * PDF_TOKENS_PER_PAGE;
}

function lastUserText(turns: readonly Turn[]): string {
  const speaking = turns.findLast((turn) => turn.role === 'user' && blocksOfType(turn, 'text').length > 0);
  return blocksOfType(speaking, 'text')
    .map(({ block }) => textOr(block['text']))
    .join('\n');
}

/** Texts one by one: users speak several times in a row where a client has shortened its history. */
function scriptTurns(turn: Turn): readonly ScriptTurn[] {
  if (turn.role === 'assistant') return [{ role: 'model' }];
  if (turn.role !== 'user') return [{ role: 'other' }];
  return turn.blocks.map(({ block }) => ({ role: 'user', text: textOr(block['text']) }));
}

function toolChoiceOf(choice: JsonObject): SimulatedCall['toolChoice'] {
  if (choice['type'] === 'tool') return { name: textOr(choice['name']) };
  if (choice['type'] === 'any') return 'required';
  return choice['type'] === 'none' ? 'none' : 'auto';
}

function thinkingOf(
  body: JsonObject,
  context: { model: ModelRules; endsWithToolResults: boolean; maxOutputTokens: number },
): { budgetTokens: number } | undefined {
  const thinking = isObject(body['thinking']) ? body['thinking'] : {};
  const type = thinking['type'] ?? (context.model.alwaysThinks ? 'adaptive' : 'disabled');
  if (type === 'enabled') return { budgetTokens: Number(thinking['budget_tokens']) };
  const choice = isObject(body['tool_choice']) ? body['tool_choice']['type'] : 'auto';
  const isForced = choice === 'any' || choice === 'tool';
  const isAdaptive = type === 'adaptive' && !isForced && effortOf(body) !== 'low';
  const isBetween = type === 'between_tools' && context.endsWithToolResults;
  if (!isAdaptive && !isBetween) return undefined;
  const budgetTokens = Math.min(ADAPTIVE_BUDGET_TOKENS, Math.floor(context.maxOutputTokens / 2));
  return budgetTokens > 0 ? { budgetTokens } : undefined;
}

function schemaOf(body: JsonObject): JsonObject | undefined {
  const config = isObject(body['output_config']) ? body['output_config'] : {};
  const format = config['format'] ?? body['output_format'];
  const schema = isObject(format) ? format['schema'] : undefined;
  return isObject(schema) ? schema : undefined;
}

function without(object: JsonObject, field: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== field));
}
