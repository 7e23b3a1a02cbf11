import type { DialectClient } from './dialect-conversation.ts';
import { chat, responses } from './dialect-openai-clients.ts';
import { gemini, messages } from './dialect-other-clients.ts';

export const dialectClients: readonly DialectClient[] = [chat, messages, responses, gemini];
