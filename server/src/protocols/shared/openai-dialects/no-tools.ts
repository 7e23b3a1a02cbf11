import type { Json } from '../../canonical/request.ts';
import type { Quirk } from './dialect.ts';
import { callsOf, isInstruction, textOf, withMessages, without } from './messages.ts';

/** The server calls no tools: calls and results of a history become text, so that it can still be answered. */
export const noTools: Quirk = {
  name: 'no-tools',
  apply(body, { lose }) {
    const told = withMessages(body, (messages) =>
      messages.map((message) => {
        if (message['role'] === 'tool') {
          lose('tool_history_as_text');
          return { role: 'user', content: `Tool result:\n${textOf(message['content'])}` };
        }
        if (callsOf(message).length === 0 || isInstruction(message)) return message;
        lose('tool_history_as_text');
        const calls = JSON.stringify(callsOf(message).map((call) => call['function'] ?? null));
        const text = textOf(message['content']);
        return { role: 'assistant', content: `${text === '' ? '' : `${text}\n\n`}Tool calls: ${calls}` };
      }),
    );
    const { tools } = told;
    if (Array.isArray(tools) && tools.length > 0)
      lose(mustCall(told['tool_choice']) ? 'tools_refused' : 'tools_dropped');
    return ['tools', 'tool_choice', 'parallel_tool_calls'].reduce(
      (rest, field) => (rest[field] === undefined ? rest : without(rest, field)),
      told,
    );
  },
};

function mustCall(choice: Json | undefined): boolean {
  return choice === 'required' || typeof choice === 'object';
}
