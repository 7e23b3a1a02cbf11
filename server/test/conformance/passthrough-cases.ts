import type { ErrorCode } from '../../src/domain/errors.ts';
import type { Usage } from '../../src/domain/usage.ts';
import type { ClientProtocolId } from '../../src/protocols/canonical/request.ts';
import type { StreamPhase } from '../../src/protocols/wire-protocol.ts';

/** Our own wire fixtures and what each must come to. */
export interface StreamCase {
  readonly file: string;
  readonly phase: StreamPhase;
  readonly failure?: ErrorCode;
  readonly usage: Partial<Usage>;
  readonly source?: 'estimated';
  /** Text with which the withheld bytes begin; absent when nothing is withheld. */
  readonly withheldFrom?: string;
  /** Text that the client must never get. */
  readonly absent?: string;
  readonly asksUsage?: false;
  readonly isArray?: true;
}

const anthropicUsage: Partial<Usage> = {
  input: 12,
  cacheRead: 30,
  cacheWrite5m: 4,
  cacheWrite1h: 3,
  output: 25,
  reasoning: 5,
  webSearches: 2,
  serviceTier: 'standard',
};
const chatUsage: Partial<Usage> = {
  input: 10,
  cacheRead: 8,
  cacheWrite30m: 2,
  output: 9,
  reasoning: 4,
  serviceTier: 'default',
};
const responsesUsage: Partial<Usage> = {
  input: 24,
  cacheRead: 16,
  cacheWrite30m: 6,
  cacheWrite12h: 4,
  output: 12,
  reasoning: 8,
};
const geminiUsage: Partial<Usage> = {
  input: 6,
  cacheRead: 6,
  toolInput: 2,
  output: 11,
  reasoning: 4,
  serviceTier: 'standard',
};
export const inputEstimate = 77;

export const cases: Readonly<Partial<Record<ClientProtocolId, readonly StreamCase[]>>> = {
  'anthropic-messages': [
    { file: 'tool-call.sse', phase: 'terminal', usage: anthropicUsage, withheldFrom: 'event: message_stop' },
    {
      file: 'cut.sse',
      phase: 'failed',
      failure: 'upstream_protocol',
      source: 'estimated',
      usage: {
        input: 12,
        cacheRead: 30,
        cacheWrite5m: 4,
        cacheWrite1h: 3,
        output: 16,
        serviceTier: 'standard',
      },
    },
    {
      file: 'overloaded-at-start.sse',
      phase: 'failed',
      failure: 'upstream_overloaded',
      source: 'estimated',
      usage: {
        input: 12,
        cacheRead: 30,
        cacheWrite5m: 4,
        cacheWrite1h: 3,
        output: 1,
        serviceTier: 'standard',
      },
      absent: 'event: error',
    },
    {
      file: 'overloaded-midway.sse',
      phase: 'failed',
      failure: 'upstream_overloaded',
      source: 'estimated',
      usage: {
        input: 12,
        cacheRead: 30,
        cacheWrite5m: 4,
        cacheWrite1h: 3,
        output: 16,
        serviceTier: 'standard',
      },
      withheldFrom: 'event: error',
    },
    {
      file: 'auth-midway.sse',
      phase: 'failed',
      failure: 'upstream_auth',
      source: 'estimated',
      usage: {
        input: 12,
        cacheRead: 30,
        cacheWrite5m: 4,
        cacheWrite1h: 3,
        output: 16,
        serviceTier: 'standard',
      },
      absent: 'sk-ant-operator',
    },
    {
      file: 'empty.sse',
      phase: 'failed',
      failure: 'upstream_empty',
      usage: { input: 3 },
      absent: 'message_stop',
    },
  ],
  'openai-chat': [
    { file: 'text.sse', phase: 'terminal', usage: chatUsage, withheldFrom: 'data: [DONE]' },
    { file: 'text-crlf.sse', phase: 'terminal', usage: chatUsage, withheldFrom: 'data: [DONE]' },
    { file: 'spaced.sse', phase: 'terminal', usage: chatUsage, withheldFrom: 'data: [DONE]' },
    {
      file: 'text.sse',
      asksUsage: false,
      phase: 'terminal',
      usage: chatUsage,
      withheldFrom: 'data: [DONE]',
      absent: 'prompt_tokens',
    },
    { file: 'no-done.sse', phase: 'terminal', usage: chatUsage },
    { file: 'no-last-blank-line.sse', phase: 'terminal', usage: chatUsage, withheldFrom: 'data: [DONE]' },
    {
      file: 'cut.sse',
      phase: 'failed',
      failure: 'upstream_protocol',
      source: 'estimated',
      usage: { input: inputEstimate, output: 11 },
    },
    {
      file: 'only-comments.sse',
      phase: 'failed',
      failure: 'upstream_empty',
      source: 'estimated',
      usage: { input: inputEstimate },
    },
    {
      file: 'error-midway.sse',
      phase: 'failed',
      failure: 'upstream_rejected_input',
      source: 'estimated',
      usage: { input: inputEstimate, output: 11 },
      withheldFrom: 'event: error',
    },
    {
      file: 'error-at-start.sse',
      phase: 'failed',
      failure: 'upstream_rate_limited',
      source: 'estimated',
      usage: { input: inputEstimate },
      absent: 'Rate limited',
    },
    {
      file: 'groq-usage.sse',
      phase: 'terminal',
      usage: { input: 5, output: 6 },
      withheldFrom: 'data: [DONE]',
    },
    {
      file: 'choice-usage.sse',
      phase: 'terminal',
      usage: { input: 2, cacheRead: 3, output: 6 },
      withheldFrom: 'data: [DONE]',
    },
  ],
  'openai-completions': [
    { file: 'text.sse', phase: 'terminal', usage: { input: 2, output: 2 }, withheldFrom: 'data: [DONE]' },
  ],
  'openai-responses': [
    {
      file: 'text.sse',
      phase: 'terminal',
      usage: { ...responsesUsage, webSearches: 1, serviceTier: 'flex' },
      withheldFrom: 'event: response.completed',
    },
    {
      file: 'data-only.sse',
      phase: 'terminal',
      usage: { ...responsesUsage, webSearches: 1, serviceTier: 'flex' },
      withheldFrom: 'data: {"type":"response.completed"',
    },
    {
      file: 'failed-midway.sse',
      phase: 'failed',
      failure: 'upstream_failed',
      usage: responsesUsage,
      withheldFrom: 'event: response.failed',
    },
    {
      file: 'error-at-start.sse',
      phase: 'failed',
      failure: 'upstream_rate_limited',
      source: 'estimated',
      usage: { input: inputEstimate },
      absent: 'event: error',
    },
    {
      file: 'cut.sse',
      phase: 'failed',
      failure: 'upstream_protocol',
      source: 'estimated',
      usage: { input: inputEstimate, output: 8 },
    },
  ],
  gemini: [
    {
      file: 'text.sse',
      phase: 'terminal',
      usage: geminiUsage,
      withheldFrom: 'data: {"candidates":[{"content":{"parts":[{"text":"."',
    },
    {
      file: 'usage-after-finish.sse',
      phase: 'terminal',
      usage: geminiUsage,
      withheldFrom: 'data: {"candidates":[{"content":{"parts":[{"text":"."',
    },
    {
      file: 'cut.sse',
      phase: 'failed',
      failure: 'upstream_protocol',
      usage: { input: 10, output: 9, reasoning: 4 },
    },
    { file: 'blocked.sse', phase: 'terminal', usage: { input: 9 }, withheldFrom: 'data: {"promptFeedback"' },
    {
      file: 'error-midway.sse',
      phase: 'failed',
      failure: 'upstream_overloaded',
      usage: { input: 10, output: 7, reasoning: 4 },
      withheldFrom: 'data: {"error"',
    },
    {
      file: 'array.json-stream',
      isArray: true,
      phase: 'terminal',
      usage: geminiUsage,
      withheldFrom: ',\r\n{',
    },
  ],
};
