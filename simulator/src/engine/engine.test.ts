import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEngine } from './index.ts';
import type { Engine } from './index.ts';
import { placeScript } from './place-script.ts';
import type { ScriptTurn } from './place-script.ts';
import type { SimulatedCall } from './simulated-call.ts';
import { countTokens } from './tokenizer.ts';

const MINUTE_MS = 60_000;

function engineAt(clock: { nowMs: number } = { nowMs: 0 }): Engine {
  return createEngine({ seed: 'test', now: () => clock.nowMs });
}

function callOf(text: string, more: Partial<SimulatedCall> = {}): SimulatedCall {
  return {
    model: 'a-model',
    segments: [{ text }],
    mediaTokens: 0,
    lastUserText: text,
    endsWithToolResults: false,
    tools: [],
    toolChoice: 'auto',
    allowsParallelCalls: true,
    wantsJson: false,
    stopSequences: [],
    maxOutputTokens: 1000,
    choices: 1,
    caching: 'none',
    ...more,
  };
}

const weather = {
  name: 'get_weather',
  schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  isFreeText: false,
};
const clockTool = { name: 'get_time', schema: { type: 'object', properties: {} }, isFreeText: false };
const tools = [weather, clockTool];

test('equal calls get equal answers and other calls get others', () => {
  assert.deepEqual(
    engineAt().answer(callOf('hello'), 'a').blocks,
    engineAt().answer(callOf('hello'), 'a').blocks,
  );
  assert.notDeepEqual(engineAt().answer(callOf('hello'), 'a').id, engineAt().answer(callOf('other'), 'a').id);
});

test('directives fix text and length exactly', () => {
  const said = engineAt().answer(callOf('please [[say:exactly this]]'), 'a');
  assert.deepEqual(said.blocks, [{ type: 'text', text: 'exactly this' }]);
  const counted = engineAt().answer(callOf('[[tokens:137]]'), 'a');
  assert.equal(counted.usage.output, 137);
});

test('output stops at the limit of tokens and says so', () => {
  const answer = engineAt().answer(callOf('[[tokens:500]]', { maxOutputTokens: 20 }), 'a');
  assert.equal(answer.stop, 'length');
  assert.equal(answer.usage.output, 20);
});

test('output stops before the first stop sequence and names it', () => {
  const answer = engineAt().answer(
    callOf('[[say:one two three four]]', { stopSequences: ['four', 'three'] }),
    'a',
  );
  assert.equal(answer.stop, 'stop-sequence');
  assert.equal(answer.stopSequence, 'three');
  assert.deepEqual(answer.blocks, [{ type: 'text', text: 'one two ' }]);
});

test('a named tool is called with arguments its schema accepts', () => {
  const answer = engineAt().answer(callOf('What does get_weather say?', { tools }), 'a');
  const [block] = answer.blocks;
  assert.ok(block?.type === 'tool-call' && block.name === 'get_weather' && typeof block.input === 'object');
  assert.equal(typeof block.input['city'], 'string');
  assert.equal(answer.stop, 'tool-calls');
});

test('tools are left alone when nobody asks for them', () => {
  assert.equal(engineAt().answer(callOf('Good morning.', { tools }), 'a').blocks[0]?.type, 'text');
  assert.equal(
    engineAt().answer(callOf('get_weather', { tools, toolChoice: 'none' }), 'a').blocks[0]?.type,
    'text',
  );
});

test('parallel calls are made when asked for and allowed', () => {
  const both = callOf('Ask get_time and get_weather', { tools });
  const names = engineAt()
    .answer(both, 'a')
    .blocks.map((block) => block.type === 'tool-call' && block.name);
  assert.deepEqual(names, ['get_time', 'get_weather']);
  assert.equal(engineAt().answer({ ...both, allowsParallelCalls: false }, 'a').blocks.length, 1);
  const ids = engineAt()
    .answer(callOf('get_weather twice, in parallel', { tools }), 'a')
    .blocks.map((block) => block.type === 'tool-call' && block.id);
  assert.equal(new Set(ids).size, 2);
});

test('a demanded tool is called whatever the prompt says', () => {
  assert.equal(engineAt().answer(callOf('hi', { tools, toolChoice: 'required' }), 'a').stop, 'tool-calls');
  const named = engineAt().answer(callOf('hi', { tools, toolChoice: { name: 'get_time' } }), 'a');
  assert.ok(named.blocks[0]?.type === 'tool-call' && named.blocks[0].name === 'get_time');
});

test('a tool directive gives name and arguments', () => {
  const text = '[[tool:get_weather {"city":"Oslo","more":[[1],[2]]}]] [[tool:get_time]]';
  const answer = engineAt().answer(callOf(text, { tools }), 'a');
  const inputs = answer.blocks.map((block) => block.type === 'tool-call' && block.input);
  assert.deepEqual(inputs, [{ city: 'Oslo', more: [[1], [2]] }, {}]);
});

test('a script gives one answer a turn, whatever else the user side says between', () => {
  const text =
    'Read get_time. [[tool:get_time]] [[next]] [[tool:get_weather {"city":"Oslo"}]] [[next]] [[say:done]] ok';
  const turns: ScriptTurn[] = [{ role: 'other' }, { role: 'user', text }];
  const answers = [];
  for (let turn = 0; turn < 4; turn += 1) {
    const last = 'Remember to call get_time and get_weather.';
    const call = callOf(last, { tools, endsWithToolResults: turn > 0, ...placeScript(turns) });
    answers.push(engineAt().answer(call, 'a').blocks[0]);
    turns.push({ role: 'model' }, { role: 'model' }, { role: 'user', text: last });
  }
  const [first, second, third, beyond] = answers;
  assert.ok(first?.type === 'tool-call' && first.name === 'get_time');
  assert.ok(second?.type === 'tool-call' && second.name === 'get_weather');
  assert.deepEqual(second.input, { city: 'Oslo' });
  assert.deepEqual(third, { type: 'text', text: 'done' });
  assert.ok(beyond?.type === 'text' && beyond.text.startsWith('The tool answered'));
  assert.deepEqual(placeScript([...turns.slice(0, 2), { role: 'user', text: '[[say:new]]' }]), {});
});

test('after tool results comes text that refers to them', () => {
  const call = callOf('call get_weather', {
    tools,
    endsWithToolResults: true,
    segments: [{ text: 'call get_weather' }, { text: '21 degrees' }],
  });
  const [block] = engineAt().answer(call, 'a').blocks;
  assert.ok(block?.type === 'text' && block.text.includes('21 degrees'));
});

test('thinking comes first, within its budget, signed for its text and model', () => {
  const engine = engineAt();
  const answer = engine.answer(callOf('hi', { thinking: { budgetTokens: 10 } }), 'a');
  const [block] = answer.blocks;
  assert.ok(block?.type === 'thinking');
  assert.equal(answer.usage.thinking, 10);
  assert.ok(answer.usage.output > 10);
  assert.ok(engine.signatures.isOwn(block.signature, block.text, 'a-model'));
  assert.ok(!engine.signatures.isOwn(block.signature, `${block.text}.`, 'a-model'));
  assert.ok(!engine.signatures.isOwn(block.signature, block.text, 'b-model'));
});

test('each choice is another answer and output counts them all', () => {
  const answer = engineAt().answer(callOf('[[tokens:10]]', { choices: 3 }), 'a');
  assert.equal(answer.choices.length, 3);
  assert.equal(answer.usage.output, 30);
  assert.deepEqual(answer.blocks, answer.choices[0]?.blocks);
});

const LONG = 'word '.repeat(1200);

test('the second call with the same long prefix reads it from the cache', () => {
  const engine = engineAt();
  const segments = [{ text: LONG, cacheTtl: '5m' as const }, { text: 'first question' }];
  const first = engine.answer(callOf('q', { segments, caching: 'explicit' }), 'a').usage;
  const other = [segments[0] ?? { text: '' }, { text: 'second question here' }];
  const second = engine.answer(callOf('q', { segments: other, caching: 'explicit' }), 'a').usage;
  assert.equal(first.cacheRead, 0);
  assert.equal(first.cacheWrite, countTokens(LONG));
  assert.equal(first.cacheWriteByTtl['5m'], first.cacheWrite);
  assert.equal(second.cacheRead, first.cacheWrite);
  assert.equal(second.cacheWrite, 0);
  assert.equal(second.input, countTokens('second question here'));
});

test('cached prefixes belong to one account and one model', () => {
  const engine = engineAt();
  const call = callOf('q', { segments: [{ text: LONG }], caching: 'automatic' });
  engine.answer(call, 'a');
  assert.equal(engine.answer(call, 'b').usage.cacheRead, 0);
  assert.equal(engine.answer({ ...call, model: 'b-model' }, 'a').usage.cacheRead, 0);
  assert.ok(engine.answer(call, 'a').usage.cacheRead > 1024);
});

test('a cached prefix lives for its time, anew from each read', () => {
  const clock = { nowMs: 0 };
  const engine = engineAt(clock);
  const call = callOf('q', { segments: [{ text: LONG, cacheTtl: '5m' }], caching: 'explicit' });
  engine.answer(call, 'a');
  clock.nowMs += 4 * MINUTE_MS;
  assert.ok(engine.answer(call, 'a').usage.cacheRead > 0);
  clock.nowMs += 4 * MINUTE_MS;
  assert.ok(engine.answer(call, 'a').usage.cacheRead > 0);
  clock.nowMs += 6 * MINUTE_MS;
  assert.equal(engine.answer(call, 'a').usage.cacheRead, 0);
});

test('short prompts are not cached', () => {
  const engine = engineAt();
  const call = callOf('q', { segments: [{ text: 'short', cacheTtl: '1h' }], caching: 'explicit' });
  assert.equal(engine.answer(call, 'a').usage.cacheWrite, 0);
  assert.equal(engine.answer(call, 'a').usage.cacheRead, 0);
});
