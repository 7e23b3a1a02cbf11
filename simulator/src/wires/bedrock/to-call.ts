import { placeScript } from '../../engine/place-script.ts';
import type { ScriptTurn } from '../../engine/place-script.ts';
import type { CacheTtl, JsonObject, SimulatedCall } from '../../engine/simulated-call.ts';
import { imageTokens } from '../anthropic/images.ts';
import { isArray, isObject, objectsOf, textOr } from '../shape.ts';
import { schemaOf } from './converse-rules.ts';
import type { ConverseModel } from './models.ts';

type Segment = SimulatedCall['segments'][number];

const DOCUMENT_BYTES_PER_TOKEN = 30;
const THINKING_TOKENS = 2048;

/** The request in the engine's terms. Segments run in the order in which a prompt is cached: tools, system, messages. */
export function toCall(body: JsonObject, model: ConverseModel): SimulatedCall {
  const messages = objectsOf(body['messages']);
  const config = isObject(body['toolConfig']) ? body['toolConfig'] : {};
  const inference = isObject(body['inferenceConfig']) ? body['inferenceConfig'] : {};
  const segments = segmentsOf(body, messages);
  const last = objectsOf(messages.at(-1)?.['content']);
  const schema = schemaOf(body);
  const blocks = messages.flatMap((message) => objectsOf(message['content']));
  return {
    model: model.id,
    segments,
    mediaTokens: blocks.reduce((sum, block) => sum + mediaTokensOf(block), 0),
    lastUserText: textsOf(
      messages.findLast((message) => isUser(message) && textsOf(message).length > 0),
    ).join('\n'),
    endsWithToolResults: last.some((block) => block['toolResult'] !== undefined),
    ...placeScript(messages.flatMap(scriptTurns)),
    tools: objectsOf(config['tools']).flatMap(declaredTool),
    toolChoice: toolChoiceOf(config),
    allowsParallelCalls: true,
    ...(isThinking(body, model) ? { thinking: { budgetTokens: THINKING_TOKENS } } : {}),
    ...(schema === undefined ? {} : { outputSchema: schema }),
    wantsJson: false,
    stopSequences: (isArray(inference['stopSequences']) ? inference['stopSequences'] : []).map((stop) =>
      textOr(stop),
    ),
    maxOutputTokens: Number(inference['maxTokens'] ?? model.maxOutputTokens),
    choices: 1,
    caching: segments.some(({ cacheTtl }) => cacheTtl !== undefined) ? 'explicit' : 'none',
  };
}

/** A cache point marks the segment before it. */
function segmentsOf(body: JsonObject, messages: readonly JsonObject[]): readonly Segment[] {
  const segments: Segment[] = [];
  const add = (block: JsonObject, lead: string): void => {
    const point = block['cachePoint'];
    const before = segments.at(-1);
    if (!isObject(point)) segments.push({ text: `${lead}${textOfBlock(block)}` });
    else if (before !== undefined) {
      segments[segments.length - 1] = { ...before, cacheTtl: textOr(point['ttl'], '5m') as CacheTtl };
    }
  };
  const config = isObject(body['toolConfig']) ? body['toolConfig'] : {};
  for (const tool of objectsOf(config['tools'])) add(tool, '');
  for (const block of objectsOf(body['system'])) add(block, '');
  for (const message of messages) {
    const role = textOr(message['role']);
    // A tool's answer stands alone, so that it can be quoted.
    for (const block of objectsOf(message['content'])) {
      add(block, block['toolResult'] === undefined ? `\n\n${role}: ` : '\n\n');
    }
  }
  return segments;
}

function textOfBlock(block: JsonObject): string {
  if (typeof block['text'] === 'string') return block['text'];
  const result = block['toolResult'];
  if (isObject(result)) return objectsOf(result['content']).map(textOfBlock).join('\n');
  if (block['json'] !== undefined) return JSON.stringify(block['json']);
  const reasoning = isObject(block['reasoningContent'])
    ? block['reasoningContent']['reasoningText']
    : undefined;
  if (isObject(reasoning)) return textOr(reasoning['text']);
  const isMedia = ['image', 'document', 'video', 'audio'].some((kind) => block[kind] !== undefined);
  return isMedia ? '' : JSON.stringify(block);
}

function mediaTokensOf(block: JsonObject): number {
  const result = block['toolResult'];
  if (isObject(result))
    return objectsOf(result['content']).reduce((sum, inner) => sum + mediaTokensOf(inner), 0);
  const bytes = (kind: string): string => {
    const media = block[kind];
    const source = isObject(media) && isObject(media['source']) ? media['source'] : {};
    return textOr(source['bytes']);
  };
  if (block['image'] !== undefined) return imageTokens({ source: { type: 'base64', data: bytes('image') } });
  const size = ['document', 'video', 'audio'].reduce((sum, kind) => sum + bytes(kind).length * 0.75, 0);
  return Math.ceil(size / DOCUMENT_BYTES_PER_TOKEN);
}

function isUser(message: JsonObject): boolean {
  return message['role'] === 'user';
}

function textsOf(message: JsonObject | undefined): readonly string[] {
  return objectsOf(message?.['content']).flatMap(({ text }) => (typeof text === 'string' ? [text] : []));
}

function scriptTurns(message: JsonObject): readonly ScriptTurn[] {
  if (!isUser(message)) return [{ role: 'model' }];
  return textsOf(message).map((text) => ({ role: 'user', text }));
}

function declaredTool({ toolSpec }: JsonObject): SimulatedCall['tools'] {
  if (!isObject(toolSpec)) return [];
  const input = isObject(toolSpec['inputSchema']) ? toolSpec['inputSchema']['json'] : {};
  return [{ name: textOr(toolSpec['name']), schema: isObject(input) ? input : {}, isFreeText: false }];
}

function toolChoiceOf(config: JsonObject): SimulatedCall['toolChoice'] {
  const choice = isObject(config['toolChoice']) ? config['toolChoice'] : {};
  if (isObject(choice['tool'])) return { name: textOr(choice['tool']['name']) };
  return choice['any'] === undefined ? 'auto' : 'required';
}

function isThinking(body: JsonObject, model: ConverseModel): boolean {
  if (model.thinks !== 'asked') return model.thinks === 'always';
  const own = isObject(body['additionalModelRequestFields']) ? body['additionalModelRequestFields'] : {};
  const thinking = own['thinking'] ?? own['reasoningConfig'];
  if (isObject(thinking)) return thinking['type'] !== 'disabled';
  return own['reasoning_config'] !== undefined;
}
