import {
  boolean,
  either,
  integer,
  integerIn,
  list,
  nullable,
  number,
  numberIn,
  object,
  string,
} from '../shape.ts';

export const completionRequest = object(
  { model: string, prompt: nullable(either(string, list(string), list(integer), list(list(integer)))) },
  {
    best_of: nullable(integerIn(1, 20)),
    echo: nullable(boolean),
    frequency_penalty: nullable(numberIn(-2, 2)),
    logit_bias: nullable({ kind: 'map', values: numberIn(-100, 100) }),
    logprobs: nullable(integerIn(0, 5)),
    max_tokens: nullable(integerIn(0)),
    n: nullable(integerIn(1, 128)),
    presence_penalty: nullable(numberIn(-2, 2)),
    seed: nullable(number),
    stop: nullable(either(string, list(string, { maxItems: 4 }))),
    stream: nullable(boolean),
    stream_options: nullable(object({}, { include_usage: boolean, include_obfuscation: boolean })),
    suffix: nullable(string),
    temperature: nullable(numberIn(0, 2)),
    top_p: nullable(numberIn(0, 1)),
    user: string,
  },
);
