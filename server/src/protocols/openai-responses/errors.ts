import type { RelayError } from '../../domain/errors.ts';
import { openAiError, type OpenAiErrorBody } from '../openai-errors.ts';

/** Codes that clients of Responses act upon; Codex retries on these two. */
function streamCode(error: OpenAiErrorBody): string {
  return error.type === 'server_error' ? 'server_error' : error.code;
}

/** `response.failed` with the fields clients demand of a response object. */
export function encodeResponseFailed(
  error: OpenAiErrorBody,
  place: { readonly responseId: string; readonly sequence: number },
): Buffer {
  const event = {
    type: 'response.failed',
    sequence_number: place.sequence,
    response: {
      id: place.responseId,
      object: 'response',
      created_at: 0,
      status: 'failed',
      error: { code: streamCode(error), message: error.message },
      incomplete_details: null,
      instructions: null,
      metadata: {},
      model: '',
      output: [],
      parallel_tool_calls: true,
      temperature: null,
      tool_choice: 'auto',
      tools: [],
      top_p: null,
      usage: null,
    },
  };
  return Buffer.from(`event: response.failed\ndata: ${JSON.stringify(event)}\n\n`);
}

/** For a stream of which nothing is known; its pipe knows better. */
export function encodeResponseStreamError(error: RelayError, callId: string): Buffer {
  return encodeResponseFailed(openAiError(error), { responseId: `resp_${callId}`, sequence: 0 });
}
