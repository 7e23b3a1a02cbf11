import type { NewAccount } from '../../../src/control/add-account.ts';
import type { ProtocolId } from '../../../src/protocols/canonical/request.ts';
import { createRoutingTable } from '../../../src/routing/routing-table.ts';
import type { BootedRelay } from '../boot-relay.ts';

/** One upstream of the matrix: an account of its own that speaks one protocol, reached by a model name of its own. */
export interface MatrixUpstream {
  readonly title: string;
  readonly protocol: ProtocolId;
  readonly model: string;
  /** Model for structured output, where the other one has none. */
  readonly schemaModel?: string;
  /** Found in a request that brings the provider its own earlier reasoning back; absent where it tells none. */
  readonly ownReasoning?: RegExp;
  account(simulatorUrl: string): NewAccount;
}

export const matrixUpstreams: readonly MatrixUpstream[] = [
  {
    title: 'Anthropic Messages',
    protocol: 'anthropic-messages',
    model: 'claude-sonnet-4-5',
    ownReasoning: /"signature":\s*"(?!qingzhou)[^"]{20,}"/,
    account: (url) => ({
      name: 'anthropic',
      kind: 'anthropic',
      credential: 'sk-ant-test-0000000000',
      baseUrl: url,
      models: ['claude-sonnet-4-5'],
    }),
  },
  {
    title: 'OpenAI Responses',
    protocol: 'openai-responses',
    model: 'gpt-5.5',
    ownReasoning: /"encrypted_content":\s*"(?!qingzhou)[^"]{20,}"/,
    account: (url) => ({
      name: 'responses',
      kind: 'openai',
      credential: 'sk-test-0000000000',
      baseUrl: `${url}/v1`,
      models: ['gpt-5.5'],
    }),
  },
  {
    title: 'OpenAI Chat, compatible',
    protocol: 'openai-chat',
    model: 'gpt-5.4',
    account: (url) => ({
      name: 'chat',
      kind: 'openai-compatible',
      credential: 'sk-test-1111111111',
      baseUrl: `${url}/v1`,
      models: ['gpt-5.4'],
    }),
  },
  {
    title: 'Gemini',
    protocol: 'gemini',
    model: 'gemini-3.5-flash',
    ownReasoning: /"thoughtSignature":\s*"(?!qingzhou|skip_)[^"]{20,}"/,
    account: (url) => ({
      name: 'gemini',
      kind: 'gemini',
      credential: 'AIzaTest000000000000000000000000000000',
      baseUrl: url,
      models: ['gemini-3.5-flash'],
    }),
  },
  {
    title: 'Bedrock Converse',
    protocol: 'bedrock-converse',
    model: 'us.amazon.nova-2-lite-v1:0',
    schemaModel: 'mistral.mistral-large-3-675b-instruct',
    account: (url) => ({
      name: 'bedrock',
      kind: 'bedrock',
      credential: 'AKIASIMULATED0001:simulated/AKIASIMULATED0001',
      baseUrl: url,
      options: { region: 'us-east-1' },
      models: ['us.amazon.nova-2-lite-v1:0', 'mistral.mistral-large-3-675b-instruct'],
      unpriced: 'free',
    }),
  },
];

/** Some kinds speak several protocols and would pass a client's own one through: here each speaks the one it stands for. */
export function pinProtocols(relay: BootedRelay): void {
  const pinned = relay.app.relay.table().accounts.map((account) => {
    const upstream = matrixUpstreams.find(({ model }) => account.record.models?.includes(model) === true);
    if (upstream === undefined) return account;
    const kind = { ...account.connection.kind, speaks: () => [upstream.protocol] };
    return { ...account, connection: { ...account.connection, kind } };
  });
  const table = createRoutingTable(pinned, (model) => [model]);
  Object.assign(relay.app.relay, { table: () => table });
}
