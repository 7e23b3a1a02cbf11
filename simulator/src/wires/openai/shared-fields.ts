/** Request fields that Chat Completions and Responses share. */
import { boolean, nullable, object, oneOf, string, upTo } from '../shape.ts';
import type { Shape } from '../shape.ts';

export const functionName = upTo(64, /^[a-zA-Z0-9_-]+$/u);

export const breakpoint = nullable(object({ mode: oneOf('explicit') }, { ttl: oneOf('30m', '12h') }));

export const reasoningEffort = nullable(oneOf('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'));

const moderationMode = nullable(object({ mode: oneOf('score', 'block') }));

export const moderation = object(
  { model: string },
  { policy: nullable(object({}, { input: moderationMode, output: moderationMode })) },
);

export const metadata: Shape = { kind: 'map', values: upTo(512), maxEntries: 16, maxKeyLength: 64 };

export const customToolFormat: Shape = {
  kind: 'tagged',
  tag: 'type',
  variants: {
    text: object({ type: string }),
    grammar: object(
      { type: string },
      {
        definition: string,
        syntax: oneOf('lark', 'regex'),
        grammar: object({ definition: string, syntax: string }),
      },
    ),
  },
};

export const obfuscation = { include_obfuscation: boolean };
