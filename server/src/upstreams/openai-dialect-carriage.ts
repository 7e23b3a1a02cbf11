import { abilitiesOf } from '../domain/model-families.ts';
import { dialectNamed, respeak } from '../protocols/shared/openai-dialects/index.ts';
import type { Carriage } from './carriage.ts';

/**
 * How a client's own Chat Completions body reaches a server of some dialect: what the server would refuse is replaced, the
 * rest travels as it came. A translated body was written in the dialect already.
 */
export function dialectCarriage(dialectId: string): Carriage {
  const dialect = dialectNamed(dialectId);
  return {
    wrap(body, { model, isTranslated, losses }) {
      if (isTranslated) return body;
      const accepts = abilitiesOf({ model, protocol: 'openai-chat' }, undefined);
      return respeak(body, { dialect, accepts, lose: (code) => losses.add(code) });
    },
  };
}
