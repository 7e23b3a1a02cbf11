import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '../../engine/simulated-call.ts';
import type { Simulator } from '../../index.ts';
import { at, openaiKey, send, textAt, withSimulator } from '../wire-test-kit.ts';

const weather = {
  type: 'function',
  name: 'get_weather',
  strict: true,
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
} as const;

async function create(
  simulator: Simulator,
  change: JsonObject,
): Promise<{ status: number; json: Json; text: string }> {
  const body = { model: 'gpt-4o', input: 'Hello', ...change };
  return send(`${simulator.url}/v1/responses`, body, { headers: openaiKey });
}

test('refusals have the words, the place and the code of the provider', () =>
  withSimulator(async (simulator) => {
    const output = { type: 'function_call_output', call_id: 'call_9', output: 'x' };
    const call = { type: 'function_call', call_id: 'call_9', name: 'f', arguments: '{}' };
    const cases: readonly (readonly [JsonObject, number, RegExp, Json, Json])[] = [
      [{ foo: 1 }, 400, /^Unknown parameter: 'foo'\.$/u, 'foo', 'unknown_parameter'],
      [{ messages: [] }, 400, /has moved to 'input'/u, 'messages', 'unsupported_parameter'],
      [
        { model: 'gpt-0' },
        400,
        /^The requested model 'gpt-0' does not exist\.$/u,
        'model',
        'model_not_found',
      ],
      [
        { input: [output] },
        400,
        /^No tool call found for function call output with call_id call_9\.$/u,
        'input',
        null,
      ],
      [
        { input: [call, { role: 'user', content: 'x' }] },
        400,
        /^No tool output found for function call call_9\.$/u,
        'input',
        null,
      ],
      [
        { input: [{ type: 'item_reference', id: 'msg_1' }] },
        404,
        /Item with id 'msg_1' not found/u,
        'input',
        null,
      ],
      [
        { input: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] },
        400,
        /Supported values are: 'input_text'/u,
        'input[0].content[0].type',
        'invalid_value',
      ],
      [
        { previous_response_id: 'resp_x' },
        400,
        /Previous response with id 'resp_x' not found/u,
        'previous_response_id',
        'previous_response_not_found',
      ],
      [
        { previous_response_id: 'a', conversation: 'b' },
        400,
        /Mutually exclusive/u,
        null,
        'mutually_exclusive_parameters',
      ],
      [
        { max_output_tokens: 3 },
        400,
        /Expected a value >= 16, but got 3/u,
        'max_output_tokens',
        'integer_below_min_value',
      ],
      [
        { model: 'gpt-5', temperature: 0.2 },
        400,
        /'temperature' does not support 0.2/u,
        'temperature',
        'unsupported_value',
      ],
      [
        { reasoning: { effort: 'low' } },
        400,
        /'reasoning.effort' is not supported/u,
        'reasoning.effort',
        'unsupported_parameter',
      ],
      [{ text: { format: { type: 'json_object' } } }, 400, /must contain the word 'json'/u, 'input', null],
      [
        { tools: [weather], tool_choice: { type: 'function', name: 'g' } },
        400,
        /not found in 'tools'/u,
        'tool_choice',
        null,
      ],
    ];
    for (const [change, status, message, param, code] of cases) {
      const { status: got, json } = await create(simulator, change);
      assert.deepEqual(
        [got, at(json, 'error', 'param'), at(json, 'error', 'code')],
        [status, param, code],
        JSON.stringify(change),
      );
      assert.match(textAt(json, 'error', 'message'), message);
    }
  }));
