import type { ModelFacts } from '../domain/catalogue.ts';
import { abilitiesOf } from '../domain/model-families.ts';
import type { CanonicalRequest } from '../protocols/canonical/request.ts';
import type { CallCandidate } from './connection.ts';

/** What a candidate's model accepts at its upstream, and the dialect spoken there: for the upstream half to go by. */
export function reachedModel(
  { account, ability }: CallCandidate,
  facts: ModelFacts | undefined,
): Pick<CanonicalRequest, 'accepts' | 'dialect'> {
  const { kind, settings } = account.connection;
  const dialect = kind.dialectOf?.(settings);
  const reached = {
    model: ability.catalogueModel,
    protocol: ability.protocol.id,
    upstream: account.record.preset ?? dialect ?? kind.id,
  };
  return { accepts: abilitiesOf(reached, facts), ...(dialect === undefined ? {} : { dialect }) };
}
