import { either, integerIn, list, object, oneOf, string } from '../shape.ts';

const maxInputs = 2048;
const tokenIds = list(integerIn(0), { minItems: 1, maxItems: maxInputs });
export const embeddingRequest = object(
  {
    model: string,
    input: either(
      string,
      list(string, { minItems: 1, maxItems: maxInputs }),
      tokenIds,
      list(tokenIds, { minItems: 1, maxItems: maxInputs }),
    ),
  },
  { dimensions: integerIn(1), encoding_format: oneOf('float', 'base64'), user: string },
);
