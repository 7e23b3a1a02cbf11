import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { NewAccount } from '../../src/control/add-account.ts';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { dialectClients } from './dialect-clients.ts';
import type { Conversation, DialectClient, Heard } from './dialect-conversation.ts';
import { weatherSchema } from './samples.ts';

/**
 * Compatible servers through the whole relay, from every client protocol. The simulated servers refuse what the real ones
 * refuse, so an answer at all means that the dialect was spoken.
 */
interface Server {
  readonly preset: string;
  readonly model: string;
  readonly calls: boolean;
  /** The server has no `reasoning_effort`: a client of its own protocol asks in the server's own words. */
  readonly hasOwnWords?: true;
}

const servers: readonly Server[] = [
  { preset: 'deepseek', model: 'deepseek-v4-pro', calls: true },
  { preset: 'xai', model: 'grok-4.7', calls: true },
  { preset: 'mistral', model: 'mistral-small-2603', calls: true },
  { preset: 'groq', model: 'openai/gpt-oss-120b', calls: true },
  { preset: 'groq', model: 'qwen/qwen3.6-27b', calls: true },
  { preset: 'moonshot', model: 'kimi-k2.6', calls: true },
  { preset: 'moonshot', model: 'kimi-k3', calls: true },
  { preset: 'qwen', model: 'qwen3.8-max', calls: true, hasOwnWords: true },
  { preset: 'zhipu', model: 'glm-5.3', calls: true },
  { preset: 'openrouter', model: 'anthropic/claude-sonnet-4.5', calls: true },
  { preset: 'together', model: 'deepseek-ai/DeepSeek-V4', calls: true },
  { preset: 'fireworks', model: 'accounts/fireworks/models/gpt-oss-120b', calls: true },
  { preset: 'cerebras', model: 'zai-glm-4.7', calls: true },
  { preset: 'perplexity', model: 'sonar-reasoning', calls: false },
  { preset: 'ollama', model: 'gpt-oss:20b', calls: true },
  { preset: 'vllm', model: 'Qwen/Qwen3-32B', calls: true },
  { preset: 'litellm', model: 'house-model', calls: true },
];

function accountsAt(url: string): readonly NewAccount[] {
  return [...new Set(servers.map(({ preset }) => preset))].map((preset) => ({
    name: preset,
    kind: 'openai-compatible',
    preset,
    credential: 'sk-test-0000000000',
    baseUrl: `${url}/dialects/${preset}/v1`,
    options: {},
    models: servers.filter((server) => server.preset === preset).map(({ model }) => model),
    unpriced: 'free',
  }));
}

let relay: BootedRelay;
before(async () => {
  relay = await bootRelay({ accounts: accountsAt });
});
after(() => relay[Symbol.asyncDispose]());

async function send(client: DialectClient, conversation: Conversation): Promise<Heard> {
  const response = await fetch(relay.url + client.path(conversation), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...client.headers(relay.key) },
    body: JSON.stringify(client.body(conversation)),
  });
  const answer = await response.text();
  assert.equal(response.status, 200, answer);
  const heard = client.hear(answer, conversation.isStream);
  const callId = response.headers.get('x-relay-call-id') ?? '';
  const { store, organizationId } = relay.workspace;
  const call = await store.findCall(organizationId, callId as never);
  assert.equal(call?.usageSource, 'reported');
  assert.ok(call.usage.output > 0, 'metered output');
  return heard;
}

const plain = { prompt: '[[say:one two three]]', history: [] } as const;
const weather = 'Weather in Paris? [[tool:get_weather {"city":"Paris"}]] [[then:It is mild.]]';

function assertUsage(heard: Heard): void {
  assert.ok(heard.inputTokens > 0, `input tokens: ${heard.inputTokens}`);
  assert.ok(heard.outputTokens > 0, `output tokens: ${heard.outputTokens}`);
}

for (const { preset, model, calls, hasOwnWords } of servers) {
  suite(`${model} at ${preset}`, () => {
    for (const client of dialectClients) {
      for (const isStream of [false, true]) {
        const form = `${client.name}, ${isStream ? 'streaming' : 'whole'}`;
        test(`${form}: text, with its usage`, async () => {
          const heard = await send(client, { ...plain, model, isStream });
          assert.equal(heard.text.replace(/^<think>[\s\S]*<\/think>\s*/, ''), 'one two three');
          assertUsage(heard);
        });

        if (client.name !== 'chat completions' || hasOwnWords !== true) {
          test(`${form}: reasoning that is asked for is shown, apart from the text`, async () => {
            const heard = await send(client, { ...plain, model, isStream, reasons: true });
            const isWritten = heard.text.startsWith('<think>');
            assert.ok(heard.reasoning.length > 0 || isWritten, 'no reasoning');
            assert.ok(heard.text.endsWith('one two three'));
            // A client of the server's own protocol hears it as the server writes it.
            if (client.name !== 'chat completions') assert.equal(isWritten, false);
          });
        }

        test(`${form}: an instruction in the middle and a schema for the answer`, async () => {
          const first = await send(client, { ...plain, model, isStream });
          const history = [...first.turn, ...client.later('[[say:{"city":"Paris"}]]')];
          const heard = await send(client, { ...plain, model, isStream, history, output: weatherSchema });
          const said = heard.text.replace(/^<think>[\s\S]*<\/think>\s*/, '');
          assert.deepEqual(JSON.parse(said), { city: 'Paris' });
        });

        if (calls) {
          test(`${form}: two tools are called at once`, async () => {
            const prompt = 'Now! [[tool:get_weather {"city":"Paris"}]] [[tool:get_weather {"city":"Rome"}]]';
            const heard = await send(client, { model, isStream, tool: weatherSchema, prompt, history: [] });
            assert.deepEqual(
              heard.calls.map(({ input }) => input),
              [{ city: 'Paris' }, { city: 'Rome' }],
            );
            assert.equal(new Set(heard.calls.map(({ id }) => id)).size, 2);
          });

          for (const reasons of [false, true]) {
            test(`${form}: a tool is called and answered${reasons ? ', with reasoning that goes back' : ''}`, async () => {
              const opening: Conversation = {
                model,
                isStream,
                tool: weatherSchema,
                reasons,
                prompt: weather,
                history: [],
              };
              const first = await send(client, opening);
              assert.deepEqual(
                first.calls.map(({ name, input }) => ({ name, input })),
                [{ name: 'get_weather', input: { city: 'Paris' } }],
              );
              if (preset !== 'ollama' || client.name !== 'chat completions')
                assert.equal(first.stop, client.callStop);
              const history = [...first.turn, ...client.results(first, '12 C')];
              const second = await send(client, { ...opening, history });
              assert.ok(second.text.length > 0);
              assert.deepEqual(second.calls, []);
              assertUsage(second);
              // The tools may be gone by then.
              const { tool: _tool, ...without } = opening;
              const longer = [...history, ...second.turn, ...client.later('[[say:you are welcome]]')];
              const third = await send(client, { ...without, history: longer });
              assert.equal(third.text, 'you are welcome');
            });
          }

          test(`${form}: a forced tool is called, or the choice is weakened`, async () => {
            const heard = await send(client, {
              model,
              isStream,
              tool: weatherSchema,
              mustCall: true,
              prompt: weather,
              history: [],
            });
            assert.equal(heard.calls[0]?.name, 'get_weather');
          });
        }
      }
    }
  });
}
