import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createEnvelopeBox } from '../platform/envelope-box.ts';
import { applySplices } from '../platform/json-scan.ts';
import { openReasoning, sealReasoning, sealText, type Seals } from './canonical/envelope.ts';
import type { Origin } from './canonical/request.ts';
import { protocolRegistry } from './registry.ts';
import type { StripEnvelopes } from './strip-envelopes.ts';

const box = createEnvelopeBox(Buffer.alloc(32, 5));
const sealsOf = (place: string): Seals => ({
  seal: (content) => box.seal(content, place),
  open: (sealed) => box.open(sealed, place),
});
const seals = sealsOf('org');
const origin: Origin = { protocol: 'gemini', model: 'gemini-3', host: 'google', account: 'a' };
const envelope = sealReasoning(seals, { origin, textLength: 3 });

function stripped(strip: StripEnvelopes | undefined, body: string): string {
  const bytes = Buffer.from(body);
  return Buffer.concat(applySplices(bytes, strip?.(bytes, seals).splices ?? [])).toString();
}

suite('an envelope', () => {
  const values = ['', 'plain é text', 'c2lnbmF0dXJlIQ==', 'a_b-c_d-', 'c2ln bmF0', 'AAAA'];
  for (const value of values) {
    test(`gives "${value}" back as it was, to the letter`, () => {
      const opaque = { kind: 'signature', value, origin } as const;
      const sealed = sealReasoning(seals, { origin, opaque, textLength: 7 });
      assert.deepEqual(openReasoning(seals, sealed), { origin, opaque, textLength: 7 });
      assert.equal(sealed, sealReasoning(seals, { origin, opaque, textLength: 7 }));
    });
  }

  test('opens in whichever base64 alphabet a client wrote it again', () => {
    const sealed = sealReasoning(seals, { origin, textLength: 1 });
    const urlSafe = sealed.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    assert.deepEqual(openReasoning(seals, urlSafe), { origin, textLength: 1 });
    const again = Buffer.from(sealed, 'base64').toString('base64');
    assert.equal(again, sealed, 'the whole of it is base64');
  });

  test('of another organization, of another purpose, or of nobody does not open', () => {
    assert.equal(openReasoning(sealsOf('other'), envelope), undefined);
    assert.equal(openReasoning(seals, sealText(seals, 'summary')), undefined);
    for (const text of ['qingzhouEnv1', 'qingzhouEnv1AAAA', 'qingzhou1.eyJ9', 'c2lnbmF0dXJl']) {
      assert.equal(openReasoning(seals, text), undefined);
    }
  });

  test('does not carry a value above its bound, and does not open one', () => {
    const opaque = { kind: 'encrypted', value: 'x'.repeat(1024 * 1024 + 1), origin } as const;
    assert.deepEqual(openReasoning(seals, sealReasoning(seals, { origin, opaque, textLength: 0 })), {
      origin,
      textLength: 0,
    });
    assert.equal(openReasoning(seals, envelope + 'A'.repeat(3 * 1024 * 1024)), undefined);
  });
});

suite('a body on its way to a model of the same protocol', () => {
  test('keeps every byte when there is no envelope in it', () => {
    for (const protocol of Object.values(protocolRegistry)) {
      if (!('stripEnvelopes' in protocol)) continue;
      const body =
        '{ "messages" : [ {"content":[{"type":"thinking","signature":"abc"}]} ],"input":[{}],"contents":[] }';
      assert.equal(stripped(protocol.stripEnvelopes, body), body);
    }
  });

  test('loses foreign thinking blocks of Messages, and the turn that held nothing else', () => {
    const { stripEnvelopes } = protocolRegistry['anthropic-messages'];
    const foreign = `{"type":"thinking","thinking":"hm","signature":"${envelope}"}`;
    const hidden = `{"type":"redacted_thinking","data":"${envelope}"}`;
    const own = '{"type":"thinking","thinking":"own","signature":"c2ln"}';
    const body = `{"messages":[{"role":"user","content":"${'x'.repeat(20)}"}, {"content": [ ${hidden} , ${own},${foreign}, {"type":"text","text":"qingzhou"} ]},{"content":[${hidden}]},{"role":"user","content":"?"}],"stream":true}`;
    const expected = `{"messages":[{"role":"user","content":"${'x'.repeat(20)}"}, {"content": [ ${own}, {"type":"text","text":"qingzhou"} ]},{"role":"user","content":"?"}],"stream":true}`;
    assert.equal(stripped(stripEnvelopes, body), expected);
  });

  test('loses searches that another provider ran, with their results and citations', () => {
    const { stripEnvelopes } = protocolRegistry['anthropic-messages'];
    const use = (id: string): string =>
      `{"type":"server_tool_use","id":"${id}","name":"web_search","input":{}}`;
    const found = (id: string, content: string): string =>
      `{"type":"web_search_tool_result","tool_use_id":"${id}","content":[{"encrypted_content":"${content}"}]}`;
    const foreign = 'qingzhou-not-encrypted';
    const cited = `{"type":"text","text":"x","citations":[{"encrypted_index":"${foreign}"}]}`;
    const body = `{"messages":[{"content":[${use('a')},${found('a', foreign)},${use('b')},${found('b', 'own')},${cited}]}]}`;
    const expected = `{"messages":[{"content":[${use('b')},${found('b', 'own')},{"type":"text","text":"x"}]}]}`;
    assert.equal(stripped(stripEnvelopes, body), expected);
  });

  test('keeps calls of Gemini with the stand-in, and texts without a signature', () => {
    const { stripEnvelopes } = protocolRegistry.gemini;
    const body = `{"contents":[{"parts":[{"text":"hm","thought":true,"thoughtSignature":"${envelope}"},{"functionCall":{"name":"f"},"thoughtSignature":"${envelope}"},{"thought_signature":"${envelope}","text":"said"},{"text":"","thoughtSignature":"${envelope}"},{"functionCall":{"name":"g"},"thoughtSignature":"b3du"}]}]}`;
    const expected =
      '{"contents":[{"parts":[{"functionCall":{"name":"f"},"thoughtSignature":"skip_thought_signature_validator"},{"text":"said"},{"functionCall":{"name":"g"},"thoughtSignature":"b3du"}]}]}';
    assert.equal(stripped(stripEnvelopes, body), expected);
  });

  test('loses foreign reasoning items of Responses, and tells a summary in words', () => {
    const { stripEnvelopes } = protocolRegistry['openai-responses'];
    const summary = sealText(seals, 'Forty-two.');
    const body = `{"input":[{"type":"reasoning","summary":[],"encrypted_content":"${envelope}"},{"type":"reasoning","encrypted_content":"gAAAA"},{"type":"compaction","encrypted_content":"${summary}"}]}`;
    const [own, told] = (JSON.parse(stripped(stripEnvelopes, body)) as { input: readonly unknown[] }).input;
    assert.deepEqual(own, { type: 'reasoning', encrypted_content: 'gAAAA' });
    assert.match(JSON.stringify(told), /"developer".*Summary of the conversation so far:.*Forty-two\./u);
  });

  test('names the loss of a summary that does not open', () => {
    const { stripEnvelopes } = protocolRegistry['openai-responses'];
    const summary = sealText(sealsOf('other'), 'Forty-two.');
    const body = Buffer.from(`{"input":[{"type":"compaction","encrypted_content":"${summary}"}]}`);
    const { losses, splices } = stripEnvelopes?.(body, seals) ?? { losses: [], splices: [] };
    assert.deepEqual(losses, ['reasoning_envelope_dropped']);
    assert.equal(Buffer.concat(applySplices(body, splices)).toString(), '{"input":[]}');
  });

  test('loses the fields of Chat Completions that other origins were given', () => {
    const { stripEnvelopes } = protocolRegistry['openai-chat'];
    const body = `{"messages":[{"role":"assistant","reasoning_content":"hm","content":"x","reasoning_details":[{"data":"${envelope}"}],"tool_calls":[{"id":"c","extra_content":{"google":{"thought_signature":"${envelope}"}}},{"id":"d","extra_content":{"google":{"thought_signature":"own"}}}]},{"reasoning_content":"own"}]}`;
    const expected =
      '{"messages":[{"role":"assistant","content":"x","tool_calls":[{"id":"c"},{"id":"d","extra_content":{"google":{"thought_signature":"own"}}}]},{"reasoning_content":"own"}]}';
    assert.equal(stripped(stripEnvelopes, body), expected);
  });
});
