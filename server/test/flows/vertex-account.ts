import type { NewAccount } from '../../src/control/add-account.ts';

export const vertexModels = ['gemini-2.5-flash', 'gemini-3.5-flash', 'claude-sonnet-4-5', 'claude-opus-4-8'];

/** An account at the simulated cloud. */
export const vertexAccount = (
  url: string,
  credential: string,
  more: Partial<NewAccount> = {},
): NewAccount => ({
  name: 'vertex',
  kind: 'vertex',
  credential,
  baseUrl: url,
  options: { location: 'europe-west4' },
  models: vertexModels,
  ...more,
});
