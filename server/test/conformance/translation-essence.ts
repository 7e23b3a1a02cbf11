import type { JsonObject } from '../../src/protocols/canonical/request.ts';
import type { Side } from './translation-material.ts';

/** What of an answer its reader acts upon; log probabilities, tool callers and service notes are not translated. */
export function essence(side: Side, body: JsonObject): unknown {
  return essences[side.id](body);
}

const essences: Readonly<Record<Side['id'], (body: JsonObject) => unknown>> = {
  'anthropic-messages': messageEssence,
  'openai-chat': chatEssence,
  'openai-responses': responseEssence,
};

function messageEssence(body: JsonObject): unknown {
  const usage = (body['usage'] ?? {}) as JsonObject;
  const content = ((body['content'] ?? []) as readonly JsonObject[])
    .filter((block) => block['type'] !== 'text' || block['text'] !== '')
    .map((block) => {
      const isPlain = block['type'] === 'text' || block['type'] === 'tool_use';
      const { caller: _caller, citations, ...rest } = block;
      if (!isPlain) return block;
      return citations === undefined || citations === null ? rest : { ...rest, citations };
    });
  const { id, model, role, stop_reason: stop, stop_sequence: sequence } = body;
  return {
    id,
    model,
    role,
    stop,
    sequence,
    content,
    usage: [
      usage['input_tokens'] ?? 0,
      usage['output_tokens'] ?? 0,
      usage['cache_creation_input_tokens'] ?? 0,
      usage['cache_read_input_tokens'] ?? 0,
    ],
  };
}

function chatEssence(body: JsonObject): unknown {
  const [choice] = (body['choices'] ?? []) as readonly JsonObject[];
  const message = (choice?.['message'] ?? {}) as JsonObject;
  const usage = (body['usage'] ?? {}) as JsonObject;
  const details = (usage['prompt_tokens_details'] ?? {}) as JsonObject;
  const annotations = message['annotations'] ?? [];
  return {
    id: body['id'],
    model: body['model'],
    created: body['created'],
    stop: choice?.['finish_reason'],
    content: message['content'] === '' ? null : (message['content'] ?? null),
    refusal: message['refusal'] ?? null,
    calls: message['tool_calls'] ?? [],
    annotations,
    usage: [
      usage['prompt_tokens'] ?? 0,
      usage['completion_tokens'] ?? 0,
      usage['total_tokens'] ?? 0,
      details['cached_tokens'] ?? 0,
    ],
  };
}

/** Item ids are written anew, a summary in several parts becomes one, phases are the provider's own. */
function responseEssence(body: JsonObject): unknown {
  const usage = (body['usage'] ?? {}) as JsonObject;
  const details = (usage['input_tokens_details'] ?? {}) as JsonObject;
  const { id, model, created_at: created, status, incomplete_details: incomplete } = body;
  return {
    id,
    model,
    created,
    status,
    incomplete: incomplete ?? null,
    output: ((body['output'] ?? []) as readonly JsonObject[]).map(itemEssence).filter(hasContent),
    usage: [
      usage['input_tokens'] ?? 0,
      usage['output_tokens'] ?? 0,
      usage['total_tokens'] ?? 0,
      details['cached_tokens'] ?? 0,
    ],
  };
}

/** A message without a word is not told. */
function hasContent(item: unknown): boolean {
  const content = (item as { readonly content?: readonly unknown[] }).content;
  return content === undefined || content.length > 0;
}

function itemEssence(item: JsonObject): unknown {
  const texts = (field: string): string =>
    ((item[field] ?? []) as readonly { readonly text: string }[]).map((part) => part.text).join('\n\n');
  const type = item['type'] as string;
  switch (type) {
    case 'reasoning':
      return {
        type: 'reasoning',
        text: [texts('summary'), texts('content')].filter((text) => text !== '').join('\n\n'),
        sealed: item['encrypted_content'] ?? null,
      };
    case 'message':
      return {
        type: 'message',
        content: (item['content'] as readonly JsonObject[])
          .map((part) => [part['text'] ?? part['refusal'], part['annotations'] ?? []])
          .filter(([text]) => text !== ''),
      };
    case 'function_call':
    case 'custom_tool_call':
      return [type, item['call_id'], item['name'], item['arguments'] ?? item['input']];
    default:
      return item;
  }
}
