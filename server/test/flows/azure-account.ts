import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import type { NewAccount } from '../../src/control/add-account.ts';
import type { BootedRelay } from './boot-relay.ts';

export const apiKey = '0123456789abcdef0123456789abcdef';
export const apiVersion = '2025-04-01-preview';
export const deployments = {
  'our-mini': 'gpt-4.1-mini',
  'our-thinker': 'gpt-5.5',
  'our-claude': 'claude-sonnet-4-5',
  'our-opus': 'claude-opus-4-8',
  vectors: 'text-embedding-3-small',
};
const modelMap = {
  'gpt-4.1-mini': 'our-mini',
  'gpt-5.5': 'our-thinker',
  'text-embedding-3-small': 'vectors',
};
export const azureAccount = (url: string, more: Partial<NewAccount> = {}): NewAccount => ({
  name: 'azure',
  kind: 'azure-openai',
  credential: apiKey,
  baseUrl: `${url}/azure`,
  models: Object.values(modelMap),
  modelMap,
  ...more,
});

export interface Clients {
  readonly openai: OpenAI;
  readonly anthropic: Anthropic;
  readonly google: GoogleGenAI;
}

export function clientsOf({ url, key }: BootedRelay): Clients {
  return {
    openai: new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 }),
    anthropic: new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 }),
    google: new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } }),
  };
}

export function textOf(message: Anthropic.Message): string {
  return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}
