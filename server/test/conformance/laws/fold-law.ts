import assert from 'node:assert/strict';
import { clientProtocols, strictReaders, type ReadAnswer } from '../strict/index.ts';
import type { Answer } from './material.ts';
import { foldTo, streamTo } from './pipes.ts';

/**
 * Fold: an answer says the same whether its client streams or not, read by readers that share no code with the relay.
 * Whole answers of upstreams go the same two ways, so unary and stream are never two codecs.
 */
export function checkFold(answer: Answer): void {
  for (const client of clientProtocols) {
    const name = `${answer.id} to ${client}`;
    const streamed = guarded(name, () => strictReaders[client].readStream(streamTo(client, answer).text));
    const folded = guarded(name, () => strictReaders[client].readUnary(foldTo(client, answer).text));
    assert.deepEqual(meaning(folded), meaning(streamed), name);
  }
}

function guarded(name: string, read: () => ReadAnswer): ReadAnswer {
  try {
    return read();
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Arguments are compared as what they mean; a stream may say them with other white space. */
function meaning(answer: ReadAnswer): unknown {
  const calls = answer.calls.map(({ id, name, argumentsText }) => [id, name, inputOf(argumentsText)]);
  return { ...answer, calls };
}

function inputOf(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
