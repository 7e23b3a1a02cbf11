import assert from 'node:assert/strict';
import type { BootedRelay } from '../boot-relay.ts';
import { eventually } from '../eventually.ts';
import { pixelPng } from '../samples.ts';
import type { MatrixClient, Seen } from './conversation.ts';
import type { MatrixUpstream } from './upstreams.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

interface Stage {
  readonly client: MatrixClient;
  readonly upstream: MatrixUpstream;
  readonly model: string;
  readonly relay: BootedRelay;
}

type Scenario = (stage: Stage) => Promise<void>;

/** Arguments of every tool that is declared. */
export const toolSchema = {
  type: 'object' as const,
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};

/** Everything that is tried with each client and upstream; the prompts tell the simulated model what to answer. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  async text({ client, model }) {
    const seen = await client.open({ model }).ask({ text: '[[say:A light boat.]]' });
    assert.equal(seen.text, 'A light boat.');
    assert.ok(seen.outputTokens > 0, 'no usage');
  },

  async stream({ client, model }) {
    const seen = await client.open({ model }).ask({ text: '[[say:轻舟 🛶 passes]]', isStreamed: true });
    assert.equal(seen.text, '轻舟 🛶 passes');
    assert.ok(seen.outputTokens > 0, 'no usage');
  },

  async tools({ client, model }) {
    const talk = client.open({ model, tools: ['get_weather'] });
    const text = '[[tool:get_weather {"city":"Utrecht"}]] [[then:It rains.]]';
    const seen = await talk.ask({ text });
    checkCalls(seen, [['get_weather', { city: 'Utrecht' }]]);
    const after = await talk.ask({ results: seen.calls.map((call) => ({ call, text: 'rain' })) });
    assert.equal(after.text, 'It rains.');
  },

  async 'parallel tools'({ client, model }) {
    const talk = client.open({ model, tools: ['get_weather', 'get_time'] });
    const calls = '[[tool:get_weather {"city":"Oslo"}]] [[tool:get_time {"city":"Rome"}]]';
    const seen = await talk.ask({ text: `${calls} [[then:Both are known.]]`, isStreamed: true });
    checkCalls(seen, [
      ['get_weather', { city: 'Oslo' }],
      ['get_time', { city: 'Rome' }],
    ]);
    const results = seen.calls.map((call) => ({ call, text: `result of ${call.name}` }));
    const after = await talk.ask({ results, isStreamed: true });
    assert.equal(after.text, 'Both are known.');
  },

  async image({ client, model, relay, upstream }) {
    const seen = await client.open({ model }).ask({ image: pixelPng, text: '[[say:A pixel.]]' });
    assert.equal(seen.text, 'A pixel.');
    // Google takes either alphabet of base64, and its Python client writes the second one.
    const [first, second] = [pixelPng, pixelPng.replaceAll('+', '-').replaceAll('/', '_')];
    const sent = relay.simulator.requests.at(-1)?.bodyText ?? '';
    const isOwn = client.protocol === upstream.protocol && sent.includes(second);
    assert.ok(sent.includes(first) || isOwn, 'the image did not arrive');
  },

  async reasoning({ client, model, upstream }) {
    const talk = client.open({ model, thinks: true });
    const seen = await talk.ask({ text: '[[think:40]] [[say:Thought through.]]', isStreamed: true });
    assert.equal(seen.text, 'Thought through.');
    const isTold = upstream.ownReasoning !== undefined;
    const hasThought = seen.reasoning !== '' || (!isTold && seen.reasoningTokens > 0);
    assert.ok(hasThought, 'nothing was thought');
    const again = await talk.ask({ text: '[[think:40]] [[say:And again.]]' });
    assert.equal(again.text, 'And again.');
  },

  async schema({ client, upstream }) {
    const model = upstream.schemaModel ?? upstream.model;
    const seen = await client.open({ model, schema: toolSchema }).ask({ text: 'Name a city.' });
    const value = JSON.parse(seen.text) as { readonly city: unknown };
    assert.equal(typeof value.city, 'string');
  },

  async 'long with tools'({ client, model, upstream, relay }) {
    const talk = client.open({ model, tools: ['get_weather'], thinks: true });
    for (const [index, city] of ['Oslo', 'Rome', 'Lima', 'Cork', 'Bonn'].entries()) {
      const isStreamed = index % 2 === 0;
      const call = `[[think:30]] [[tool:get_weather {"city":"${city}"}]]`;
      const seen = await talk.ask({ text: `${call} [[then:${city} is known.]]`, isStreamed });
      checkCalls(seen, [['get_weather', { city }]]);
      const results = seen.calls.map((made) => ({ call: made, text: `{"sky":"grey","city":"${city}"}` }));
      assert.equal((await talk.ask({ results, isStreamed })).text, `${city} is known.`);
      const sent = relay.simulator.requests.at(-1)?.bodyText ?? '';
      if (upstream.ownReasoning !== undefined) assert.match(sent, upstream.ownReasoning);
    }
    assert.equal((await talk.ask({ text: '[[say:All five.]]' })).text, 'All five.');
  },

  async error({ client, model }) {
    for (const isStreamed of [false, true]) {
      const asked = client.open({ model }).ask({ text: 'Hi [[fault:400]]', isStreamed });
      await assert.rejects(asked, (error) => {
        assert.equal(client.statusOf(error), 400, String(error));
        return true;
      });
    }
    await assert.rejects(
      client.open({ model }).ask({ text: '[[fault:reset-mid-stream]] [[tokens:40]]', isStreamed: true }),
    );
  },

  async abort({ client, model, relay }) {
    await client.abort(model, '[[fault:stall-mid-stream after-frames=8]] [[tokens:60]]');
    await eventually(() => assert.equal(relay.simulator.openStreams(), 0, 'the upstream was not left'));
  },
};

function checkCalls(seen: Seen, expected: readonly (readonly [name: string, input: unknown])[]): void {
  assert.deepEqual(
    seen.calls.map(({ name, input }) => [name, input]),
    expected,
  );
  const ids = new Set(seen.calls.map(({ id }) => id));
  assert.equal(ids.size, seen.calls.length, 'calls share an id');
}
