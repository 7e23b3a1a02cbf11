import type {
  CanonicalRequest,
  Json,
  JsonObject,
  Part,
  TextPart,
  Tool,
  ToolResultPart,
} from '../../../server/src/protocols/canonical/request.ts';
import type { RequestTarget } from '../../../server/src/protocols/wire-protocol.ts';

/**
 * A recorded Bedrock Converse request, which no client of the relay speaks, in canonical form: enough to say the same
 * conversation in the words of the clients, and to compare what reaches the provider with what was recorded.
 */
export function readConverseRequest(body: JsonObject, target: RequestTarget): CanonicalRequest {
  const inference = objectIn(body['inferenceConfig']) ?? {};
  const toolConfig = objectIn(body['toolConfig']);
  const choice = Object.entries(objectIn(toolConfig?.['toolChoice']) ?? {})[0];
  const limit = inference['maxTokens'];
  return {
    origin: 'bedrock-converse',
    model: target.model ?? '',
    stream: target.stream === true,
    system: listIn(body['system']).flatMap((block) => textOf(block) ?? []),
    turns: listIn(body['messages']).map((message) => ({
      role: message['role'] === 'assistant' ? 'assistant' : 'user',
      parts: listIn(message['content']).flatMap(partOf),
    })),
    tools: listIn(toolConfig?.['tools']).flatMap(toolOf),
    ...(choice === undefined ? {} : { toolChoice: choiceOf(choice) }),
    ...(typeof limit === 'number' ? { maxOutputTokens: limit } : {}),
    stop: Array.isArray(inference['stopSequences']) ? (inference['stopSequences'] as readonly string[]) : [],
    sampling: {
      ...(typeof inference['temperature'] === 'number' ? { temperature: inference['temperature'] } : {}),
      ...(typeof inference['topP'] === 'number' ? { topP: inference['topP'] } : {}),
    },
    includeUsage: true,
    extra: {},
  };
}

function objectIn(value: Json | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

function word(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function listIn(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonObject[]) : [];
}

function textOf(block: JsonObject): TextPart | undefined {
  return typeof block['text'] === 'string' ? { type: 'text', text: block['text'] } : undefined;
}

/** Cache points, guard content and reasoning are Bedrock's own. */
function partOf(block: JsonObject): readonly Part[] {
  const text = textOf(block);
  if (text !== undefined) return [text];
  const call = objectIn(block['toolUse']);
  if (call !== undefined) {
    const argumentsText = JSON.stringify(call['input'] ?? {});
    return [{ type: 'tool-call', id: word(call['toolUseId']), name: word(call['name']), argumentsText }];
  }
  const result = objectIn(block['toolResult']);
  return result === undefined ? mediaOf(block) : [resultOf(result)];
}

function resultOf(result: JsonObject): ToolResultPart {
  const parts = listIn(result['content']).flatMap((block): ToolResultPart['parts'] => {
    if (block['json'] !== undefined) return [{ type: 'text', text: JSON.stringify(block['json']) }];
    return textOf(block) === undefined ? mediaOf(block) : [textOf(block)!];
  });
  return {
    type: 'tool-result',
    callId: word(result['toolUseId']),
    parts,
    isError: result['status'] === 'error',
  };
}

const mimeFamilies = { image: 'image', video: 'video', document: 'application' } as const;

function mediaOf(
  block: JsonObject,
): readonly Extract<ToolResultPart['parts'][number], { source: unknown }>[] {
  for (const [type, family] of Object.entries(mimeFamilies) as [keyof typeof mimeFamilies, string][]) {
    const media = objectIn(block[type]);
    const bytes = objectIn(media?.['source'])?.['bytes'];
    if (media === undefined || typeof bytes !== 'string') continue;
    const isPlain = type === 'document' && media['format'] === 'txt';
    const mimeType = isPlain ? 'text/plain' : `${family}/${word(media['format'])}`;
    return [{ type, source: { type: 'base64', data: bytes }, mimeType }];
  }
  return [];
}

function toolOf(entry: JsonObject): readonly Tool[] {
  const spec = objectIn(entry['toolSpec']);
  if (spec === undefined) return [];
  const schema = objectIn(objectIn(spec['inputSchema'])?.['json']);
  return [
    {
      type: 'function',
      name: word(spec['name']),
      ...(typeof spec['description'] === 'string' ? { description: spec['description'] } : {}),
      ...(schema === undefined ? {} : { schema }),
    },
  ];
}

function choiceOf([type, value]: readonly [string, Json]): NonNullable<CanonicalRequest['toolChoice']> {
  if (type === 'tool') return { type: 'tool', name: word(objectIn(value)?.['name']) };
  return { type: type === 'any' ? 'required' : 'auto' };
}
