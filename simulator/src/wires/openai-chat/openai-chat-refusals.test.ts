import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../engine/simulated-call.ts';
import type { Simulator } from '../../index.ts';
import { at, openaiKey, send, withSimulator } from '../wire-test-kit.ts';

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    },
    strict: true,
  },
} as const;

const hello = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] };

async function refusalOf(simulator: Simulator, change: JsonObject): Promise<readonly unknown[]> {
  const answer = await send(
    `${simulator.url}/v1/chat/completions`,
    { ...hello, ...change },
    { headers: openaiKey },
  );
  return [
    answer.status,
    at(answer.json, 'error', 'message'),
    at(answer.json, 'error', 'param'),
    at(answer.json, 'error', 'code'),
  ];
}

const call = { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{}' } };

const user = { role: 'user', content: 'Hello' };

test('refusals have the words, the place and the code of the provider', () =>
  withSimulator(async (simulator) => {
    const cases: readonly (readonly [JsonObject, readonly unknown[]])[] = [
      [{ foo: 1 }, [400, 'Unrecognized request argument supplied: foo', null, null]],
      [
        { model: 'gpt-0' },
        [404, 'The model `gpt-0` does not exist or you do not have access to it.', null, 'model_not_found'],
      ],
      [{ messages: [] }, [400, /empty array/u, 'messages', 'empty_array']],
      [
        { messages: [{ role: 'robot', content: 'x' }] },
        [400, /Supported values are: 'system', 'user'/u, 'messages[0].role', 'invalid_value'],
      ],
      [
        { messages: [{ role: 'tool', tool_call_id: 'x', content: 'y' }] },
        [
          400,
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
          'messages.[0].role',
          null,
        ],
      ],
      [
        { messages: [user, { role: 'assistant', tool_calls: [call] }, user] },
        [400, /must be followed by tool messages.*call_1/u, 'messages.[2].role', null],
      ],
      [
        {
          messages: [
            user,
            { role: 'assistant', tool_calls: [call] },
            { role: 'tool', tool_call_id: 'call_2', content: 'y' },
          ],
        },
        [400, /'tool_call_id' of 'call_2' not found/u, 'messages.[2].tool_call_id', null],
      ],
      [{ stop: ['a', 'b', 'c', 'd', 'e'] }, [400, /maximum length 4/u, 'stop', 'array_above_max_length']],
      [
        { temperature: 3 },
        [400, /Expected a value <= 2, but got 3/u, 'temperature', 'decimal_above_max_value'],
      ],
      [
        { temperature: 'hot' },
        [400, /expected a decimal number, but got a string/u, 'temperature', 'invalid_type'],
      ],
      [{ max_tokens: 999_999 }, [400, /max_tokens is too large/u, 'max_tokens', 'invalid_value']],
      [
        { stream_options: { include_usage: true } },
        [400, /only allowed when 'stream'/u, 'stream_options', null],
      ],
      [
        { tool_choice: 'auto' },
        [400, "'tool_choice' is only allowed when 'tools' are specified.", 'tool_choice', null],
      ],
      [
        { response_format: { type: 'json_object' } },
        [400, /must contain the word 'json'/u, 'messages', null],
      ],
      [
        {
          response_format: {
            type: 'json_schema',
            json_schema: {
              name: 'x',
              strict: true,
              schema: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
            },
          },
        },
        [
          400,
          /'additionalProperties' is required to be supplied and to be false/u,
          'response_format',
          'invalid_json_schema',
        ],
      ],
      [
        {
          tools: [
            {
              type: 'function',
              function: {
                name: 'f',
                strict: true,
                parameters: {
                  type: 'object',
                  properties: { a: {} },
                  required: [],
                  additionalProperties: false,
                },
              },
            },
          ],
        },
        [400, /Missing 'a'/u, 'tools[0].function.parameters', 'invalid_function_parameters'],
      ],
      [
        { model: 'gpt-5', max_tokens: 5 },
        [400, /Use 'max_completion_tokens' instead/u, 'max_tokens', 'unsupported_parameter'],
      ],
      [
        { model: 'gpt-5', temperature: 0.5 },
        [400, /'temperature' does not support 0.5/u, 'temperature', 'unsupported_value'],
      ],
      [
        { model: 'gpt-5', reasoning_effort: 'none' },
        [400, /Supported values are: 'minimal'/u, 'reasoning_effort', 'unsupported_value'],
      ],
      [
        { model: 'gpt-5.6', tools: [weather] },
        [400, /not supported for gpt-5.6 in \/v1\/chat/u, 'reasoning_effort', 'unsupported_parameter'],
      ],
      [{ model: 'o3', stop: 'x' }, [400, /'stop' is not supported/u, 'stop', 'unsupported_parameter']],
      [{ model: 'gpt-5.5-pro' }, [404, /only supported in v1\/responses/u, 'model', null]],
      [
        { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'boat.png' } }] }] },
        [400, /expected a valid URL/u, 'messages.[0].content.[0].image_url.url', 'invalid_value'],
      ],
    ];
    for (const [change, [status, message, param, code]] of cases) {
      const [gotStatus, gotMessage, gotParam, gotCode] = await refusalOf(simulator, change);
      assert.deepEqual([gotStatus, gotParam, gotCode], [status, param, code], JSON.stringify(change));
      if (message instanceof RegExp) assert.match(String(gotMessage), message);
      else assert.equal(gotMessage, message);
    }
  }));

test('a model that may not reason and call at once does so without reasoning', () =>
  withSimulator(async (simulator) => {
    const [status] = await refusalOf(simulator, {
      model: 'gpt-5.6',
      tools: [weather],
      reasoning_effort: 'none',
    });
    assert.equal(status, 200);
  }));

test('only a bearer key opens the door', () =>
  withSimulator(async (simulator) => {
    const url = `${simulator.url}/v1/chat/completions`;
    assert.equal((await send(url, hello)).status, 401);
    assert.equal((await send(url, hello, { headers: { 'api-key': 'sk-wire-tests' } })).status, 401);
    const foreign = await send(url, hello, { headers: { authorization: 'Bearer sk-ant-wire-tests' } });
    assert.deepEqual([foreign.status, at(foreign.json, 'error', 'code')], [401, 'invalid_api_key']);
  }));
