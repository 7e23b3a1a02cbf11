import { asObject } from '../../canonical/read-json.ts';
import type { Json } from '../../canonical/request.ts';
import type { Quirk } from './dialect.ts';
import { callsOf, messagesOf, mapMessages } from './messages.ts';

/** Results must name their tool, not the call alone. */
export const namedToolResults: Quirk = {
  name: 'named-tool-results',
  apply(body) {
    const names = new Map<Json | undefined, Json>();
    for (const call of (messagesOf(body) ?? []).flatMap(callsOf)) {
      names.set(call['id'], asObject(call['function'])?.['name'] ?? '');
    }
    return mapMessages(body, (message) => {
      const name = names.get(message['tool_call_id']);
      const isUnnamed = message['role'] === 'tool' && message['name'] === undefined && name !== undefined;
      return isUnnamed ? { ...message, name } : message;
    });
  },
};
