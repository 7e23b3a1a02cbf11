import type { JsonObject } from '../../engine/simulated-call.ts';
import { isArray, isObject, objectsOf, textOr } from '../shape.ts';
import { refuse } from './refusals.ts';
import { systemBlocks } from './turns.ts';
import type { Turn } from './turns.ts';

const MAX_MARKS = 4;

/** At most four marks, longer lifetimes first, in the order tools, system, messages. */
export function checkCacheMarks(body: JsonObject, turns: readonly Turn[]): void {
  const marks = [
    ...objectsOf(body['tools']).map((block, index) => ({ block, path: `tools.${index}` })),
    ...systemBlocks(body).map((block, index) => ({ block, path: `system.${index}` })),
    ...turns
      .flatMap((turn) => turn.blocks)
      .flatMap(({ block, path }) => [
        { block, path },
        ...(isArray(block['content']) ? objectsOf(block['content']) : []).map((inner, index) => ({
          block: inner,
          path: `${path}.content.${index}`,
        })),
      ]),
    { block: body, path: '' },
  ].filter(({ block }) => isObject(block['cache_control']));
  if (marks.length > MAX_MARKS) {
    refuse(`A maximum of ${MAX_MARKS} blocks with cache_control may be provided. Found ${marks.length}.`);
  }
  let isShortSeen = false;
  for (const { block, path } of marks) {
    const mark = block['cache_control'] as JsonObject;
    const ttl = textOr(mark['ttl'], '5m');
    if (ttl === '5m') isShortSeen = true;
    else if (isShortSeen) {
      refuse(
        `${path === '' ? '' : `${path}.`}cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. ` +
          'Note that blocks are processed in the following order: `tools`, `system`, `messages`.',
      );
    }
  }
}
