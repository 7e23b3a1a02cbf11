import { asString, parseObject } from '../canonical/read-json.ts';
import type { JsonObject } from '../canonical/request.ts';
import type { ToolForm } from './decode-tools.ts';
import { typedItem } from './typed-tools.ts';
import type { ItemPlace, Written } from './encode-events.ts';

/** One tool call while it is written. The input of a free-text tool can only be read off the whole arguments. */
export interface OpenCall {
  readonly outputIndex: number;
  readonly opening: string;
  add(argumentsText: string): string;
  finish(status: 'completed' | 'incomplete'): Written;
}

export function openCall(place: ItemPlace, callId: string, form: ToolForm): OpenCall {
  const { outputIndex, id } = place;
  const pieces: string[] = [];
  const { typed } = form;
  const typedWhole = (status: string, written: string): JsonObject | undefined =>
    typed === undefined ? undefined : { id, status, call_id: callId, ...typedItem(typed, written) };
  const plain = (status: string, written: string): JsonObject => ({
    id,
    type: form.isCustom ? 'custom_tool_call' : 'function_call',
    status,
    call_id: callId,
    name: form.name,
    ...(form.namespace === undefined ? {} : { namespace: form.namespace }),
    [form.isCustom ? 'input' : 'arguments']: written,
  });
  const item = (status: string, written: string): JsonObject =>
    typedWhole(status, written) ?? plain(status, written);
  const emit = (type: string, fields: JsonObject): string =>
    place.emit(`response.${type}`, { item_id: id, output_index: outputIndex, ...fields });
  return {
    outputIndex,
    opening: place.emit('response.output_item.added', {
      output_index: outputIndex,
      item: item('in_progress', ''),
    }),
    add(argumentsText) {
      if (argumentsText === '') return '';
      pieces.push(argumentsText);
      const isWhole = form.isCustom || typed !== undefined;
      return isWhole ? '' : emit('function_call_arguments.delta', { delta: argumentsText });
    },
    finish(status) {
      const whole = pieces.join('');
      if (typed !== undefined) return { text: '', item: item(status, whole) };
      if (form.isCustom) {
        const input = customInput(whole);
        const delta = input === '' ? '' : emit('custom_tool_call_input.delta', { delta: input });
        return { text: delta + emit('custom_tool_call_input.done', { input }), item: item(status, input) };
      }
      const done = emit('function_call_arguments.done', { name: form.name, arguments: whole });
      return { text: done, item: item(status, whole) };
    },
  };
}

/** The one argument of a free-text tool; the arguments themselves where the model did not keep to its form. */
export function customInput(argumentsText: string): string {
  return asString(parseObject(argumentsText)?.['input']) ?? argumentsText;
}
