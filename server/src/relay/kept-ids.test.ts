import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OrganizationId, UpstreamAccountId } from '../domain/ids.ts';
import { createEnvelopeBox } from '../platform/envelope-box.ts';
import { keptIdsFor, upstreamItemId } from './kept-ids.ts';

const box = createEnvelopeBox(Buffer.alloc(32, 7));
const [one, two] = ['one', 'two'] as unknown as readonly [UpstreamAccountId, UpstreamAccountId];
const ours = keptIdsFor(box, 'org' as OrganizationId);
const others = keptIdsFor(box, 'other' as OrganizationId);

test('the id of an item says which account keeps it, to the organization that was given it alone', () => {
  const id = ours.itemToClient('msg_68ab', one);
  assert.match(id, /^msg_68ab_qz[\w-]{16}$/);
  assert.equal(upstreamItemId(id), 'msg_68ab');
  assert.equal(id, ours.itemToClient('msg_68ab', one), 'the same in every turn');
  assert.deepEqual([ours.isItemOf(id, one), ours.isItemOf(id, two)], [true, false]);
  assert.ok(!others.isItemOf(id, one));
  assert.ok(!ours.isItemOf(id.replace('68ab', '68ac'), one), 'a mark holds for its item alone');
  assert.equal(upstreamItemId('msg_68ab'), 'msg_68ab');
});
