import type { NewAccount } from '../../src/control/add-account.ts';

/** Two accounts at a simulated Bedrock: one signs its requests, one has an API key. */
const region = { region: 'us-east-1' };
const models = [
  'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  'global.anthropic.claude-opus-4-8',
  'us.anthropic.claude-opus-4-8',
  'us.amazon.nova-lite-v1:0',
  'us.amazon.nova-2-lite-v1:0',
  'us.meta.llama3-3-70b-instruct-v1:0',
  'us.deepseek.r1-v1:0',
  'us.mistral.pixtral-large-2502-v1:0',
  'openai.gpt-oss-120b-1:0',
];

export function bedrockAccounts(baseUrl: string): readonly NewAccount[] {
  return [
    {
      name: 'signed',
      kind: 'bedrock',
      credential: 'AKIASIMULATED0001:simulated/AKIASIMULATED0001',
      baseUrl,
      options: region,
      models,
      unpriced: 'free',
    },
    {
      name: 'keyed',
      kind: 'bedrock',
      credential: 'ABSKsimulated0001',
      baseUrl,
      options: region,
      models: [
        'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-haiku-4-5-20251001-v1:0',
      ],
    },
  ];
}
