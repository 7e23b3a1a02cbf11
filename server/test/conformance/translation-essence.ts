import type { JsonObject } from '../../src/protocols/canonical/request.ts';
import type { Side } from './translation-material.ts';

/** What of an answer its reader acts upon; log probabilities, tool callers and service notes are not translated. */
export function essence(side: Side, body: JsonObject): unknown {
  return side.id === 'openai-chat' ? chatEssence(body) : messageEssence(body);
}

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
