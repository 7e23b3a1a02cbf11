import type { Exchange } from '../../engine/exchange.ts';
import type { SimulatedCall } from '../../engine/simulated-call.ts';
import { invalid } from './refusals.ts';
import type { OpenAiModel } from './models.ts';

/** Refuses a prompt that does not fit the model's window. */
export function checkContextLength(
  call: SimulatedCall,
  model: OpenAiModel,
  exchange: Pick<Exchange, 'countTokens'>,
  param: 'input' | 'messages',
): void {
  const tokens =
    call.mediaTokens +
    call.segments.reduce((total, segment) => total + exchange.countTokens(segment.text), 0);
  if (tokens <= model.contextTokens) return;
  throw invalid(
    param === 'input'
      ? 'Your input exceeds the context window of this model. Please adjust your input and try again.'
      : `This model's maximum context length is ${model.contextTokens} tokens. However, your messages resulted in ` +
          `${tokens} tokens. Please reduce the length of the messages.`,
    param,
    'context_length_exceeded',
  );
}

/** Tests ask for a refusal in the prompt; the wire then words the text as one. */
export function isRefusalAsked(call: SimulatedCall): boolean {
  return call.lastUserText.includes('[[refuse]]');
}
