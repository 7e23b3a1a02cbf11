import type { JsonObject, Opaque, Origin } from '../canonical/request.ts';
import type { ItemPlace, Written } from './encode-events.ts';

/**
 * One reasoning item while it is written. What a model thought itself is content where its upstream showed it raw, else
 * a summary. `encrypted_content` is the provider's own, or an envelope with what another provider gave.
 */
export interface OpenReasoning {
  readonly outputIndex: number;
  readonly opening: string;
  add(text: string): string;
  seal(opaque: Opaque | undefined, envelope: string | undefined): string;
  finish(status: 'completed' | 'incomplete'): Written;
}

export function openReasoning(place: ItemPlace, origin: Origin): OpenReasoning {
  const { outputIndex, id } = place;
  const isRaw = origin.protocol === 'openai-chat';
  const pieces: string[] = [];
  let sealed: string | undefined;
  const item = (fields: JsonObject): JsonObject => ({ id, type: 'reasoning', summary: [], ...fields });
  const emit = (type: string, fields: JsonObject): string =>
    place.emit(`response.${type}`, {
      item_id: id,
      output_index: outputIndex,
      [isRaw ? 'content_index' : 'summary_index']: 0,
      ...fields,
    });
  const opened = (): string => {
    if (pieces.length > 0) return '';
    return isRaw
      ? emit('content_part.added', { part: { type: 'reasoning_text', text: '' } })
      : emit('reasoning_summary_part.added', { part: { type: 'summary_text', text: '' } });
  };
  const closed = (text: string): string => {
    if (pieces.length === 0) return '';
    return isRaw
      ? emit('reasoning_text.done', { text }) +
          emit('content_part.done', { part: { type: 'reasoning_text', text } })
      : emit('reasoning_summary_text.done', { text }) +
          emit('reasoning_summary_part.done', { part: { type: 'summary_text', text } });
  };
  return {
    outputIndex,
    opening: place.emit('response.output_item.added', { output_index: outputIndex, item: item({}) }),
    add(text) {
      const before = opened();
      pieces.push(text);
      return before + emit(isRaw ? 'reasoning_text.delta' : 'reasoning_summary_text.delta', { delta: text });
    },
    seal(opaque, envelope) {
      sealed = opaque?.origin.protocol === 'openai-responses' ? opaque.value : envelope;
      return '';
    },
    finish() {
      const text = pieces.join('');
      return { text: closed(text), item: item({ ...shown(text, isRaw), ...sealedField(sealed) }) };
    },
  };
}

function shown(text: string, isRaw: boolean): JsonObject {
  if (text === '') return {};
  return isRaw
    ? { content: [{ type: 'reasoning_text', text }] }
    : { summary: [{ type: 'summary_text', text }] };
}

function sealedField(sealed: string | undefined): JsonObject {
  return sealed === undefined ? {} : { encrypted_content: sealed };
}
