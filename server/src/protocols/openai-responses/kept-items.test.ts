import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applySplices } from '../../platform/json-scan.ts';
import { inspectResponse } from './inspect.ts';
import { rewriteItemIds } from './kept-items.ts';

function renamed(text: string): string {
  const bytes = Buffer.from(text);
  return Buffer.concat(
    applySplices(
      bytes,
      rewriteItemIds(bytes, (id) => `${id}!`),
    ),
  ).toString();
}

test('ids of items are renamed in events and in whole answers, however they are spaced', () => {
  assert.equal(renamed('{"item_id":"msg_1","delta":"a"}'), '{"item_id":"msg_1!","delta":"a"}');
  assert.equal(
    renamed('{"id": "resp_1", "output": [{"id" : "rs_2"}, {"id":"fc_3","call_id":"call_4"}]}'),
    '{"id": "resp_1", "output": [{"id" : "rs_2!"}, {"id":"fc_3!","call_id":"call_4"}]}',
  );
});

test('what only looks like the id of an item stays: text, other keys, cut frames and lists that are paged', () => {
  for (const text of [
    String.raw`{"text":"say \"id\":\"msg_1\""}`,
    '{"call_id":"fc_1","container_id":"msg_2","paid":"msg_3"}',
    '{"id":"conv_1","x":{"id":7}}',
    '{"id":"msg_1',
    '"id"',
    '{ "object": "list", "data": [{"id":"msg_1"}], "first_id": "msg_1" }',
  ]) {
    assert.equal(renamed(text), text);
  }
});

const mark = '_qzAbCdEfGhIjKlMn_p';

function keptIn(input: unknown): readonly (readonly [string, boolean])[] {
  const body = Buffer.from(JSON.stringify({ model: 'm', metadata: { id: `msg_0${mark}` }, input }));
  const { keptItems = [] } = inspectResponse(body, { operation: 'generate', query: '' });
  return keptItems.map(({ span: [start, end], isNeeded }) => [body.toString('utf8', start, end), isNeeded]);
}

test('a request tells which items it refers to, and without which of them it cannot be answered', () => {
  const input = [
    { type: 'item_reference', id: `msg_1${mark}` },
    { id: `msg_2${mark}` },
    { type: 'reasoning', id: `rs_3${mark}`, summary: [] },
    { type: 'reasoning', id: `rs_4${mark}`, summary: [], encrypted_content: 'gAAA' },
    { type: 'message', role: 'assistant', id: `msg_5${mark}`, content: [] },
    { type: 'item_reference', id: 'msg_6' },
    { role: 'user', content: `"id":"msg_7${mark}"` },
  ];
  assert.deepEqual(keptIn(input), [
    [`msg_1${mark}`, true],
    [`msg_2${mark}`, true],
    [`rs_3${mark}`, true],
    [`rs_4${mark}`, false],
    [`msg_5${mark}`, false],
  ]);
  assert.deepEqual(keptIn('say _qz'), []);
});
