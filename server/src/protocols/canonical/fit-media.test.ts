import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { abilitiesOf } from '../../domain/model-families.ts';
import { fitMedia } from './fit-media.ts';
import type { CanonicalRequest, MediaPart, Part, Turn } from './request.ts';

const base = abilitiesOf({ model: 'm', protocol: 'openai-chat' }, undefined);
const source = { type: 'base64', data: 'AAAA' } as const;
const image: MediaPart = { type: 'image', source };
const pdf: MediaPart = { type: 'document', source, filename: 'a.pdf', mimeType: 'application/pdf' };
const words: Part = { type: 'text', text: 'What is this?' };

function fit(turns: readonly Turn[], without: Partial<typeof base>) {
  const request: CanonicalRequest = {
    origin: 'openai-chat',
    model: 'm',
    stream: false,
    system: [],
    turns,
    tools: [],
    stop: [],
    sampling: {},
    includeUsage: true,
    extra: {},
    accepts: { ...base, ...without },
  };
  const { value, losses } = fitMedia(request);
  return { isSame: value === request, turns: value.turns, codes: losses.map(({ code }) => code) };
}

suite('media a model has no sense for', () => {
  test('stay where the model has it', () => {
    assert.equal(fit([{ role: 'user', parts: [image, pdf] }], {}).isSame, true);
    assert.equal(fit([{ role: 'user', parts: [words] }], { vision: false }).isSame, true);
  });

  test('leave a note, also inside tool results', () => {
    const result: Part = { type: 'tool-result', callId: 'c', parts: [image], isError: false };
    const { turns, codes } = fit(
      [
        { role: 'tool', parts: [result] },
        { role: 'user', parts: [words, pdf] },
      ],
      { vision: false, pdf: false },
    );
    assert.deepEqual(codes, ['media_omitted']);
    assert.match(JSON.stringify(turns[0]), /\[image omitted/);
    assert.match(JSON.stringify(turns[1]), /\[document \\"a\.pdf\\" omitted/);
    assert.ok(!JSON.stringify(turns).includes('AAAA'));
  });

  test('are refused where they are all that is asked about', () => {
    const seen = (turns: readonly Turn[]) => fit(turns, { vision: false }).codes;
    assert.deepEqual(seen([{ role: 'user', parts: [image] }]), ['media_type_refused']);
    assert.deepEqual(
      seen([
        { role: 'user', parts: [image] },
        { role: 'assistant', parts: [words] },
        { role: 'user', parts: [words] },
      ]),
      ['media_omitted'],
    );
  });

  test('documents of plain text need no sense', () => {
    const note: MediaPart = { type: 'document', source: { type: 'text', text: 'x' } };
    assert.equal(fit([{ role: 'user', parts: [note] }], { pdf: false }).isSame, true);
  });
});
