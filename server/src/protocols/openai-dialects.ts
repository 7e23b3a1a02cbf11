import type { ModelFacts } from '../domain/catalogue.ts';
import type { CanonicalRequest } from './canonical/request.ts';
import { dialectNamed, type Dialect } from './shared/openai-dialects/index.ts';

/** The dialect a request is written in: the upstream's, or that of the provider whose model it is. */
export function dialectOf(
  request: Pick<CanonicalRequest, 'dialect'>,
  facts: ModelFacts | undefined,
): Dialect {
  return dialectNamed(request.dialect ?? facts?.provider);
}
