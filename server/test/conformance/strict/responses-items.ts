import type { JsonObject } from '../../../src/protocols/canonical/request.ts';
import { countAt, demand, nameAt, objectAt, optionalList, textAt } from './shape.ts';

/** The items of a stream of Responses: each opened, filled and closed once, in the order of its index. */
export interface OpenItems {
  read(type: string, payload: JsonObject): void;
  checkClosed(): void;
  done(): readonly JsonObject[];
}

interface Item {
  readonly id: string;
  /** Pieces by part: a content index, a summary index, or the arguments. */
  readonly pieces: Map<string, string>;
  readonly openParts: Set<string>;
  done: JsonObject | undefined;
}

/** Event name without `response.` -> the field that counts its part, and the field with the whole value at `.done`. */
const streamed: Readonly<Record<string, readonly [counter: string, whole: string]>> = {
  output_text: ['content_index', 'text'],
  refusal: ['content_index', 'refusal'],
  reasoning_text: ['content_index', 'text'],
  reasoning_summary_text: ['summary_index', 'text'],
  function_call_arguments: ['', 'arguments'],
  custom_tool_call_input: ['', 'input'],
};

const parts: Readonly<Record<string, string>> = {
  content_part: 'content_index',
  reasoning_summary_part: 'summary_index',
};

/** Calls that the provider runs itself tell how far they are. */
const hosted = new Set([
  'web_search_call',
  'file_search_call',
  'code_interpreter_call',
  'image_generation_call',
]);

export function openItems(): OpenItems {
  const items: Item[] = [];
  const itemAt = (payload: JsonObject): Item => {
    const item = items[countAt(payload, 'output_index')];
    demand(item !== undefined, 'an event for an item that was not added');
    demand(item.done === undefined, 'an event for an item that is done');
    demand(nameAt(payload, 'item_id') === item.id, 'an event with the id of another item');
    return item;
  };
  const readPiece = (name: string, step: string, payload: JsonObject): void => {
    const [counter, whole] = streamed[name] ?? [];
    demand(counter !== undefined && whole !== undefined, `there is no event response.${name}.${step}`);
    const item = itemAt(payload);
    const place = counter === '' ? 'whole' : `${counter} ${countAt(payload, counter)}`;
    demand(counter === '' || item.openParts.has(place), `${name} outside a part`);
    const before = item.pieces.get(place) ?? '';
    if (step === 'delta') item.pieces.set(place, before + textAt(payload, 'delta'));
    else demand(textAt(payload, whole) === before, `${name}.done is not what was streamed`);
  };
  const readPart = (counter: string, step: string, payload: JsonObject): void => {
    const item = itemAt(payload);
    const place = `${counter} ${countAt(payload, counter)}`;
    nameAt(objectAt(payload, 'part'), 'type');
    demand(item.openParts.has(place) === (step === 'done'), `a part is ${step} out of order`);
    if (step === 'done') item.openParts.delete(place);
    else item.openParts.add(place);
  };
  const readItem = (step: string, payload: JsonObject): void => {
    const index = countAt(payload, 'output_index');
    const value = objectAt(payload, 'item');
    if (step === 'added') {
      demand(index === items.length, 'the index of an item is not the next');
      items.push({
        id: nameAt(value, 'id'),
        pieces: new Map(),
        openParts: new Set(),
        done: undefined,
      });
      return;
    }
    const item = items[index];
    demand(item !== undefined && item.done === undefined, 'an item is done twice');
    demand(item.openParts.size === 0, 'an item is done with an open part');
    demand(nameAt(value, 'id') === item.id, 'the id of an item changes');
    item.done = value;
    checkWhole(item, value);
  };
  return {
    read(type, payload) {
      const [, name = '', step = ''] = /^response\.([a-z_]+)\.([a-z_]+)$/.exec(type) ?? [];
      if (name === 'output_item') readItem(step, payload);
      else if (parts[name] !== undefined) readPart(parts[name], step, payload);
      else if (type === 'response.output_text.annotation.added') objectAt(payload, 'annotation');
      else if (hosted.has(name)) itemAt(payload);
      else readPiece(name, step, payload);
    },
    checkClosed: () =>
      demand(
        items.every(({ done }) => done !== undefined),
        'an item is not done',
      ),
    done: () => items.flatMap(({ done }) => (done === undefined ? [] : [done])),
  };
}

/** The item at its end says what its pieces said. */
function checkWhole(item: Item, value: JsonObject): void {
  const type = nameAt(value, 'type');
  const pieces = [...item.pieces.values()].join('');
  if (type === 'function_call') demand(textAt(value, 'arguments') === pieces, 'arguments are not whole');
  if (type === 'custom_tool_call') demand(textAt(value, 'input') === pieces, 'the input is not whole');
  if (type !== 'message') return;
  const said = optionalList(value, 'content').map((part) =>
    part['type'] === 'refusal' ? textAt(part, 'refusal') : textAt(part, 'text'),
  );
  demand(said.join('') === pieces, 'a message is not whole');
}
