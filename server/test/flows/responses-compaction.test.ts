import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import OpenAI, { BadRequestError } from 'openai';
import { bootRelay, type BootedRelay } from './boot-relay.ts';

/** A long conversation folded into an item, with models that have no such thing of their own, and with one that has. */
let relay: BootedRelay;
let openai: OpenAI;
before(async () => {
  relay = await bootRelay();
  openai = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: relay.key, maxRetries: 0 });
});
after(() => relay[Symbol.asyncDispose]());

const history: OpenAI.Responses.ResponseInput = [
  { role: 'user', content: 'My number is 4711. [[say:The user has the number 4711.]]' },
  { type: 'function_call', call_id: 'call_1', name: 'get_time', arguments: '{}' },
  { type: 'function_call_output', call_id: 'call_1', output: 'noon' },
  { role: 'assistant', content: 'It is noon.' },
];
const tools: OpenAI.Responses.Tool[] = [
  { type: 'function', name: 'get_time', parameters: { type: 'object', properties: {} }, strict: false },
];

function sentBodies(): readonly string[] {
  return relay.simulator.control.requests().map((entry) => entry.bodyText);
}

for (const model of ['claude-sonnet-4-5', 'gemini-2.5-flash']) {
  test(`${model} sums the conversation up, and the summary is all it is told of it later`, async () => {
    const compacted = await openai.responses.compact({ model, input: history });
    assert.equal(compacted.object, 'response.compaction');
    assert.deepEqual(
      compacted.output.map(({ type }) => type),
      ['message', 'compaction'],
    );
    assert.ok(compacted.usage.output_tokens > 0);
    const item = compacted.output.at(-1);
    assert.ok(item?.type === 'compaction');
    assert.ok(!item.encrypted_content.includes('4711'));

    const again = await openai.responses.create({
      model,
      input: [item, { role: 'user', content: 'Go on.' }],
    });
    assert.equal(again.status, 'completed');
    const last = sentBodies().at(-1) ?? '';
    assert.match(last, /Summary of the conversation so far/u);
    assert.ok(!last.includes(item.encrypted_content));
  });

  test(`${model} answers the trigger at the end of an input with the same item, also in a stream`, async () => {
    const input = [...history, { type: 'compaction_trigger' as const }];
    const final = await openai.responses.stream({ model, input, tools, store: false }).finalResponse();
    assert.deepEqual(
      final.output.map(({ type }) => type as string),
      ['compaction'],
    );
    assert.equal(final.status, 'completed');
  });
}

test('a summary made by one provider is told to a model of another, whichever protocol leads there', async () => {
  const compacted = await openai.responses.compact({ model: 'claude-sonnet-4-5', input: history });
  const item = compacted.output.at(-1) as OpenAI.Responses.ResponseInputItem;
  for (const model of ['gpt-5.5', 'gemini-2.5-flash']) {
    const answer = await openai.responses.create({
      model,
      input: [item, { role: 'user', content: 'Go on.' }],
    });
    assert.equal(answer.status, 'completed', model);
    assert.match(sentBodies().at(-1) ?? '', /Summary of the conversation so far/u, model);
  }
});

test("a provider's own compaction goes through and comes back, and to no other provider", async () => {
  const compacted = await openai.responses.compact({ model: 'gpt-5.5', input: history });
  const items = compacted.output as OpenAI.Responses.ResponseInputItem[];
  const input = [...items, { role: 'user' as const, content: 'Go on.' }];
  assert.equal((await openai.responses.create({ model: 'gpt-5.5', input })).status, 'completed');
  await assert.rejects(openai.responses.create({ model: 'claude-sonnet-4-5', input }), BadRequestError);
});

test('a summary that was changed on the way is refused: nothing of the conversation would be left', async () => {
  const compacted = await openai.responses.compact({ model: 'claude-sonnet-4-5', input: history });
  const item = compacted.output.at(-1);
  assert.ok(item?.type === 'compaction');
  const broken = { ...item, encrypted_content: `${item.encrypted_content.slice(0, -6)}AAAAA=` };
  const input = [broken as OpenAI.Responses.ResponseInputItem, { role: 'user' as const, content: 'Go on.' }];
  await assert.rejects(openai.responses.create({ model: 'claude-sonnet-4-5', input }), (error) => {
    assert.ok(error instanceof BadRequestError);
    assert.match(error.message, /compaction_refused/u);
    return true;
  });
});
