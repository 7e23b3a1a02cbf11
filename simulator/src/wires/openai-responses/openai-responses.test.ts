import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import type { Json, JsonObject } from '../../engine/simulated-call.ts';
import type { Simulator } from '../../index.ts';
import { at, eventsOf, openaiKey, send, textAt, withSimulator } from '../wire-test-kit.ts';

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

function clientOf(simulator: Simulator): OpenAI {
  return new OpenAI({ apiKey: 'sk-wire-tests', baseURL: `${simulator.url}/v1`, maxRetries: 0 });
}

async function create(
  simulator: Simulator,
  change: JsonObject,
): Promise<{ status: number; json: Json; text: string }> {
  const body = { model: 'gpt-4o', input: 'Hello', ...change };
  return send(`${simulator.url}/v1/responses`, body, { headers: openaiKey });
}

test('thinking, a call and its result go round by previous_response_id', () =>
  withSimulator(async (simulator) => {
    const client = clientOf(simulator);
    const first = await client.responses.create({
      model: 'gpt-5.6',
      input: '[[tool: get_weather {"city":"Oslo"}]]',
      reasoning: { summary: 'auto' },
      tools: [weather],
    });
    assert.deepEqual(
      first.output.map(({ type }) => type),
      ['reasoning', 'function_call'],
    );
    const call = first.output.find((item) => item.type === 'function_call');
    assert.equal(call?.arguments, '{"city":"Oslo"}');
    const second = await client.responses.create({
      model: 'gpt-5.6',
      previous_response_id: first.id,
      input: [{ type: 'function_call_output', call_id: call?.call_id ?? '', output: 'sunny' }],
    });
    assert.match(second.output_text, /sunny/u);
    assert.equal(second.previous_response_id, first.id);
    const usage = second.usage;
    assert.equal(usage?.total_tokens, (usage?.input_tokens ?? 0) + (usage?.output_tokens ?? 0));
    assert.ok((usage?.output_tokens_details.reasoning_tokens ?? 0) > 0);
  }));

test('the stream helper of the official client ends with what the unary call says', () =>
  withSimulator(async (simulator) => {
    const client = clientOf(simulator);
    const body = {
      model: 'gpt-5.5',
      input: '[[say: On my way]] [[tool: get_weather {"city":"Oslo"}]] [[tool: write_patch "*** Begin"]]',
      reasoning: { summary: 'auto' as const },
      tools: [weather, { type: 'custom' as const, name: 'write_patch' }],
    };
    const streamed = await client.responses.stream(body).finalResponse();
    const unary = await client.responses.create(body);
    const plain = (output: readonly unknown[]): unknown =>
      JSON.parse(
        JSON.stringify(output, (name, value: unknown) => (name.startsWith('parsed') ? undefined : value)),
      );
    assert.deepEqual(plain(streamed.output), plain(unary.output));
    assert.deepEqual(
      unary.output.map(({ type }) => type),
      ['reasoning', 'message', 'function_call', 'custom_tool_call'],
    );
    assert.deepEqual(streamed.usage, unary.usage);
  }));

test('events come numbered, named as their type, in the order of the protocol', () =>
  withSimulator(async (simulator) => {
    const { text } = await create(simulator, {
      model: 'gpt-5.6',
      stream: true,
      input: 'Hello [[say: Hi]] [[tool: get_weather {}]]',
      reasoning: { summary: 'auto' },
      tools: [{ ...weather, strict: false }],
    });
    const events = eventsOf(text);
    assert.deepEqual(
      events.map((event) => at(event, 'sequence_number')),
      events.map((_, index) => index),
    );
    const names = [...text.matchAll(/^event: (.+)$/gmu)].map(([, name]) => name);
    const types = events.map((event) => textAt(event, 'type'));
    assert.deepEqual(names, types);
    const distinct = types
      .filter((type, index) => type !== types[index - 1])
      .map((type) => type.replace('response.', ''));
    assert.deepEqual(distinct, [
      'created',
      'in_progress',
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'output_item.done',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'completed',
    ]);
  }));

test('a cut answer is incomplete, unary and streamed, and the helper accepts it', () =>
  withSimulator(async (simulator) => {
    const client = clientOf(simulator);
    const body = { model: 'gpt-4o', input: '[[tokens: 60]]', max_output_tokens: 16 };
    const unary = await client.responses.create(body);
    assert.deepEqual([unary.status, unary.incomplete_details?.reason], ['incomplete', 'max_output_tokens']);
    const { text } = await create(simulator, { ...body, stream: true });
    const last = eventsOf(text).at(-1);
    assert.equal(at(last, 'type'), 'response.incomplete');
    assert.equal(at(last, 'response', 'usage', 'output_tokens'), 16);
    assert.equal(at(last, 'response', 'output', 0, 'status'), 'incomplete');
  }));

test('a refusal is told with refusal events', () =>
  withSimulator(async (simulator) => {
    const { text } = await create(simulator, { stream: true, input: '[[refuse]] [[say: No]]' });
    const types = eventsOf(text).map((event) => at(event, 'type'));
    assert.ok(types.includes('response.refusal.delta') && types.includes('response.refusal.done'));
    assert.deepEqual(at(eventsOf(text).at(-1), 'response', 'output', 0, 'content', 0), {
      type: 'refusal',
      refusal: 'No',
    });
  }));

test('sealed reasoning comes back unharmed, and forged reasoning is found out', () =>
  withSimulator(async (simulator) => {
    const first = await create(simulator, { model: 'gpt-5', store: false, input: 'Think.' });
    const reasoning = at(first.json, 'output', 0) as JsonObject;
    const message = at(first.json, 'output', 1) as JsonObject;
    const input = (item: JsonObject): Json => [
      { role: 'user', content: 'Think.' },
      item,
      message,
      { role: 'user', content: 'On.' },
    ];
    const again = await create(simulator, { model: 'gpt-5', store: false, input: input(reasoning) });
    assert.equal(again.status, 200);
    const sealed = textAt(reasoning, 'encrypted_content');
    const forged = { ...reasoning, encrypted_content: `${sealed.slice(0, 40)}A${sealed.slice(41)}` };
    const refused = await create(simulator, { model: 'gpt-5', input: input(forged) });
    assert.deepEqual([refused.status, at(refused.json, 'error', 'code')], [400, 'invalid_encrypted_content']);
    const { encrypted_content: _sealed, ...bare } = reasoning;
    const lost = await create(simulator, { model: 'gpt-5', input: input(bare) });
    assert.deepEqual([lost.status, textAt(lost.json, 'error', 'message').includes('not found')], [404, true]);
  }));

test('stored responses can be read, listed, deleted, and only background ones cancelled', () =>
  withSimulator(async (simulator) => {
    const client = clientOf(simulator);
    const created = await client.responses.create({ model: 'gpt-4o', input: 'Keep this.' });
    assert.deepEqual((await client.responses.retrieve(created.id)).output, created.output);
    const items = await client.responses.inputItems.list(created.id);
    assert.deepEqual(
      at(JSON.parse(JSON.stringify(items.data[0])) as Json, 'content', 0, 'text'),
      'Keep this.',
    );
    await assert.rejects(client.responses.cancel(created.id), { status: 400 });
    await client.responses.delete(created.id);
    await assert.rejects(client.responses.retrieve(created.id), { status: 404 });

    const later = await client.responses.create({ model: 'gpt-4o', input: 'Later.', background: true });
    assert.equal(later.status, 'queued');
    assert.equal((await client.responses.cancel(later.id)).status, 'cancelled');
    const other = await client.responses.create({ model: 'gpt-4o', input: 'Soon.', background: true });
    assert.equal((await client.responses.retrieve(other.id)).status, 'completed');
    const replay = await send(
      `${simulator.url}/v1/responses/${other.id}?stream=true&starting_after=2`,
      undefined,
      { headers: openaiKey },
    );
    assert.equal(at(eventsOf(replay.text)[0], 'sequence_number'), 3);
  }));

test('a reset forgets stored responses, and no other simulator knows them', () =>
  withSimulator(async (simulator) => {
    const client = clientOf(simulator);
    const { id } = await client.responses.create({ model: 'gpt-4o', input: 'Keep this.' });
    assert.equal((await client.responses.retrieve(id)).id, id);
    await withSimulator((other) => assert.rejects(clientOf(other).responses.retrieve(id), { status: 404 }));
    simulator.control.reset();
    await assert.rejects(client.responses.retrieve(id), { status: 404 });
  }));

test('input is counted as the call itself is, and compaction gives items that are accepted back', () =>
  withSimulator(async (simulator) => {
    const client = clientOf(simulator);
    const input = [
      { role: 'user' as const, content: 'What is two and two?' },
      { role: 'assistant' as const, content: 'Four.' },
    ];
    const counted = await client.responses.inputTokens.count({ model: 'gpt-4o', input });
    const created = await client.responses.create({ model: 'gpt-4o', input });
    assert.equal(counted.input_tokens, created.usage?.input_tokens);
    const compacted = await client.responses.compact({ model: 'gpt-4o', input });
    assert.deepEqual(
      compacted.output.map(({ type }) => type),
      ['message', 'compaction'],
    );
    const again = await create(simulator, {
      input: [
        ...(JSON.parse(JSON.stringify(compacted.output)) as Json[]),
        { role: 'user', content: 'And three?' },
      ],
    });
    assert.equal(again.status, 200, again.text);
  }));

test('tools inside a namespace are called with the name of their namespace', () =>
  withSimulator(async (simulator) => {
    const { json } = await create(simulator, {
      model: 'gpt-6-sol',
      input: [
        {
          type: 'additional_tools',
          role: 'developer',
          tools: [
            {
              type: 'namespace',
              name: 'clock',
              description: 'Time',
              tools: [{ type: 'function', name: 'now', parameters: { type: 'object', properties: {} } }],
            },
          ],
        },
        { role: 'user', content: '[[tool: now {}]]' },
      ],
      reasoning: { effort: 'none' },
    });
    assert.deepEqual([at(json, 'output', 0, 'name'), at(json, 'output', 0, 'namespace')], ['now', 'clock']);
  }));

test('a compatible server takes any model and passes over fields it does not know', () =>
  withSimulator(async (simulator) => {
    const body = { model: 'house/model-1', input: '[[say: Hi]]', provider: { order: ['x'] } };
    const url = `${simulator.url}/compatible/v1/responses`;
    const answer = await send(url, body, { headers: openaiKey });
    assert.deepEqual([answer.status, at(answer.json, 'output', 0, 'content', 0, 'text')], [200, 'Hi']);
    assert.equal((await send(url, { ...body, input: 5 }, { headers: openaiKey })).status, 400);
  }));
