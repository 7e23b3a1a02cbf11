import { organizationId } from './call-fixture.ts';
import type { RelayKeyId, UpstreamAccountId } from '../../../src/domain/ids.ts';
import type { RelayKeyRecord } from '../../../src/access/principal.ts';
import type { UpstreamAccountRecord } from '../../../src/routing/account.ts';

export const fullKey: RelayKeyRecord = {
  keyId: 'key_1' as RelayKeyId,
  organizationId,
  keyName: 'laptop',
  hash: 'aa11',
  preview: 'Ab3dE6',
  createdAt: 5,
  expiresAt: 99,
  allowedModels: ['gpt-4*', 'o3'],
  allowedAddresses: ['10.0.0.0/8'],
  limits: { requestsPerMinute: 10, tokensPerMinute: 1_000, concurrency: 2 },
  isStrict: true,
};
export const bareKey: RelayKeyRecord = {
  keyId: 'key_2' as RelayKeyId,
  organizationId,
  keyName: 'bare',
  hash: 'bb22',
  preview: 'Zz9yX8',
  createdAt: 6,
  limits: {},
  isStrict: false,
};
export const account: UpstreamAccountRecord = {
  id: 'acc_1' as UpstreamAccountId,
  name: 'main',
  kind: 'openai-compatible',
  preset: 'ollama',
  baseUrl: 'http://127.0.0.1:1',
  sealedCredential: new Uint8Array([1, 2, 3]),
  models: ['llama'],
  modelMap: { fast: 'llama' },
  sealedProxy: new Uint8Array([9]),
  region: 'eu',
  options: { project: 'p1' },
  priority: 10,
  unpriced: 'free',
  createdAt: 7,
};
