import { asNumber, asString } from '../canonical/read-json.ts';
import type { JsonObject } from '../canonical/request.ts';

/**
 * Tools that the provider types and the client runs. To models of other providers they are functions with the published
 * parameters; on this wire their calls look like any other.
 */
interface TypedTool {
  readonly description: string;
  readonly schema: JsonObject;
}

const text = { type: 'string' };
const whole = { type: 'integer' };
const point = { type: 'array', items: whole, minItems: 2, maxItems: 2 };

function commands(names: readonly string[], properties: JsonObject, required: readonly string[]): JsonObject {
  const command = { type: 'string', enum: names };
  return { type: 'object', properties: { command, ...properties }, required: ['command', ...required] };
}

const edits = { path: text, file_text: text, old_str: text, new_str: text, insert_line: whole };
const ranges = { view_range: { type: 'array', items: whole } };

const tools: readonly (readonly [RegExp, TypedTool])[] = [
  [
    /^bash_\d+$/,
    {
      description: 'Runs a command in a shell session that stays open. "restart" opens a new one.',
      schema: { type: 'object', properties: { command: text, restart: { type: 'boolean' } } },
    },
  ],
  [
    /^text_editor_(?:20241022|20250124)$/,
    {
      description: 'Views, creates and edits text files. "str_replace" needs text that stands there once.',
      schema: commands(['view', 'create', 'str_replace', 'insert', 'undo_edit'], { ...edits, ...ranges }, [
        'path',
      ]),
    },
  ],
  [
    /^text_editor_\d+$/,
    {
      description: 'Views, creates and edits text files. "str_replace" needs text that stands there once.',
      schema: commands(
        ['view', 'create', 'str_replace', 'insert'],
        { ...edits, ...ranges, insert_text: text },
        ['path'],
      ),
    },
  ],
  [
    /^memory_\d+$/,
    {
      description:
        'Keeps notes in files below /memories. Look there before you begin, and note what should last.',
      schema: commands(
        ['view', 'create', 'str_replace', 'insert', 'delete', 'rename'],
        { ...edits, ...ranges, insert_text: text, old_path: text, new_path: text },
        [],
      ),
    },
  ],
  [
    /^computer_\d+$/,
    {
      description: 'Looks at a screen and works its mouse and keyboard. "screenshot" shows what is there.',
      schema: {
        type: 'object',
        properties: {
          action: {
            type: 'string',
            enum: [
              'screenshot',
              'left_click',
              'right_click',
              'middle_click',
              'double_click',
              'triple_click',
              'mouse_move',
              'left_click_drag',
              'left_mouse_down',
              'left_mouse_up',
              'scroll',
              'type',
              'key',
              'hold_key',
              'wait',
              'cursor_position',
              'zoom',
            ],
          },
          coordinate: point,
          start_coordinate: point,
          text,
          scroll_direction: { type: 'string', enum: ['up', 'down', 'left', 'right'] },
          scroll_amount: whole,
          duration: { type: 'number' },
          region: { type: 'array', items: whole },
        },
        required: ['action'],
      },
    },
  ],
];

/** `undefined` for a tool that is not of this kind, or whose parameters nobody published. */
export function typedFunction(tool: JsonObject, type: string): TypedTool | undefined {
  const known = tools.find(([form]) => form.test(type))?.[1];
  if (known === undefined || asString(tool['name']) === undefined) return undefined;
  const width = asNumber(tool['display_width_px']);
  const height = asNumber(tool['display_height_px']);
  if (width === undefined || height === undefined) return known;
  return { ...known, description: `${known.description} The screen has ${width} x ${height} pixels.` };
}
