import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as check, dictionary, integer, property, stringMatching } from 'fast-check';
import type { Json } from '../../engine/simulated-call.ts';
import { protoPath, withCamelNames } from './field-names.ts';
import { generateRequest } from './request-shape.ts';

test('names that callers choose are left as they are, whatever they look like', () => {
  const names = dictionary(stringMatching(/^[a-z]+(?:_[a-z]+)*$/u), integer(), { noNullPrototype: true });
  check(
    property(names, (args) => {
      const request = { contents: [{ parts: [{ function_call: { name: 'f', args } }] }] };
      const read = withCamelNames(request, generateRequest);
      assert.deepEqual(read, { contents: [{ parts: [{ functionCall: { name: 'f', args } }] }] });
    }),
  );
});

test('reading names twice changes nothing more', () => {
  const request: Json = {
    system_instruction: { parts: [{ text: 'x' }] },
    tools: [
      { function_declarations: [{ name: 'f', parameters: { properties: { max_items: { max_items: 1 } } } }] },
    ],
  };
  const once = withCamelNames(request, generateRequest);
  assert.deepEqual(withCamelNames(once, generateRequest), once);
  assert.deepEqual(once, {
    systemInstruction: { parts: [{ text: 'x' }] },
    tools: [
      { functionDeclarations: [{ name: 'f', parameters: { properties: { max_items: { maxItems: 1 } } } }] },
    ],
  });
});

test('paths are told in snake case', () => {
  assert.equal(protoPath('generationConfig.stopSequences[0]'), 'generation_config.stop_sequences[0]');
});
