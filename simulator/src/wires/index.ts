/**
 * Wires: one folder per provider endpoint family, strict about what comes in and exact about what goes out. A wire
 * knows its grammar and its provider; what is said, and what goes wrong, is decided elsewhere. Begin with a folder's
 * `index.ts`. The first wire that matches a request gets it.
 */
import type { SimulatedWire } from '../engine/exchange.ts';
import { openaiChatWire } from './openai-chat/index.ts';
import { openaiDialectsWire } from './openai-dialects/index.ts';
import { openaiCompletionsWire } from './openai-completions/index.ts';
import { openaiEmbeddingsWire } from './openai-embeddings/index.ts';
import { openaiModelsWire } from './openai-models/index.ts';
import { openaiResponsesWire } from './openai-responses/index.ts';
import { geminiWire } from './gemini/index.ts';
import { anthropicMessages } from './anthropic/index.ts';
import { azureWire, foundryClaudeWire } from './azure/index.ts';
import { bedrockWire } from './bedrock/index.ts';
import { entraWire } from './entra/index.ts';
import { googleIdentityWire } from './google-identity/index.ts';
import { vertexClaudeWire, vertexGeminiWire } from './vertex/index.ts';

export const wires: readonly SimulatedWire[] = [
  bedrockWire,
  googleIdentityWire,
  entraWire,
  vertexGeminiWire,
  vertexClaudeWire,
  azureWire,
  foundryClaudeWire,
  geminiWire,
  openaiDialectsWire,
  openaiChatWire,
  openaiCompletionsWire,
  openaiEmbeddingsWire,
  openaiModelsWire,
  openaiResponsesWire,
  anthropicMessages,
];
