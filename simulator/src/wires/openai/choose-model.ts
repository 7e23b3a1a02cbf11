import type { Exchange } from '../../engine/exchange.ts';
import { findModel, unlistedModel } from './models.ts';
import type { OpenAiModel } from './models.ts';
import { OpenAiRefusal } from './refusals.ts';

/** The model an account may use, or the provider's 404. An account with a list of its own may name any model. */
export function chooseModel(
  account: Exchange['account'],
  name: string,
  unknownModel: (name: string) => OpenAiRefusal = modelNotFound,
): OpenAiModel {
  const listed = findModel(name);
  if (account.models === undefined) {
    if (listed === undefined) throw unknownModel(name);
    return listed;
  }
  if (!account.models.includes(name)) throw unknownModel(name);
  return listed ?? unlistedModel(name);
}

function modelNotFound(name: string): OpenAiRefusal {
  return new OpenAiRefusal({
    status: 404,
    message: `The model \`${name}\` does not exist or you do not have access to it.`,
    code: 'model_not_found',
  });
}
