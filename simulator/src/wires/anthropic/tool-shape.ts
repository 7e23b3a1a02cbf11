/** Declared tools, as data: those of the caller and those the provider runs or defines. */
import {
  anything,
  boolean,
  integer,
  integerIn,
  lazy,
  list,
  nullable,
  object,
  oneOf,
  record,
  string,
  tagged,
  upTo,
} from '../shape.ts';
import type { Shape } from '../shape.ts';
import { citationsConfig, mark, withTag } from './block-shape.ts';

const allowedCallers = list(
  oneOf('direct', 'code_execution_20250825', 'code_execution_20260120', 'code_execution_20260521'),
);
const anyTool = { ...mark, allowed_callers: allowedCallers, defer_loading: boolean, strict: boolean };
const clientTool = { ...anyTool, input_examples: list(record) };
const domains = {
  allowed_domains: nullable(list(string)),
  blocked_domains: nullable(list(string)),
  max_uses: nullable(integer),
};
const location = nullable(
  object(
    { type: oneOf('approximate') },
    {
      city: nullable(string),
      country: nullable(string),
      region: nullable(string),
      timezone: nullable(string),
    },
  ),
);

function named(name: string, optional: Readonly<Record<string, Shape>>): Shape {
  return object({ name: oneOf(name) }, optional);
}

/** Several dates of one tool share its shape. */
function dated(stem: string, dates: readonly string[], shape: Shape): Readonly<Record<string, Shape>> {
  return Object.fromEntries(dates.map((date) => [`${stem}_${date}`, shape]));
}

const typedTools: Readonly<Record<string, Shape>> = {
  ...dated('bash', ['20241022', '20250124'], named('bash', clientTool)),
  ...dated('text_editor', ['20241022', '20250124'], named('str_replace_editor', clientTool)),
  ...dated(
    'text_editor',
    ['20250429', '20250728'],
    named('str_replace_based_edit_tool', { ...clientTool, max_characters: nullable(integerIn(1)) }),
  ),
  ...dated('memory', ['20250818'], named('memory', clientTool)),
  ...dated(
    'computer',
    ['20241022', '20250124', '20251124'],
    object(
      { name: oneOf('computer'), display_height_px: integerIn(1), display_width_px: integerIn(1) },
      { ...clientTool, display_number: nullable(integer), enable_zoom: boolean },
    ),
  ),
  ...dated('computer_toolset', ['20260801'], object({}, { ...mark, configs: nullable(record) })),
  ...dated('browser_toolset', ['20260801'], object({}, { ...mark, configs: nullable(record) })),
  ...dated(
    'web_search',
    ['20250305', '20260209', '20260318'],
    named('web_search', {
      ...anyTool,
      ...domains,
      user_location: location,
      response_inclusion: nullable(string),
    }),
  ),
  ...dated(
    'web_fetch',
    ['20250910', '20260209', '20260309', '20260318'],
    named('web_fetch', {
      ...anyTool,
      ...domains,
      citations: citationsConfig,
      max_content_tokens: nullable(integer),
      url_sources: anything,
      use_cache: boolean,
      response_inclusion: nullable(string),
    }),
  ),
  ...dated(
    'code_execution',
    ['20250522', '20250825', '20260120', '20260521'],
    named('code_execution', anyTool),
  ),
  ...dated(
    'advisor',
    ['20260301'],
    named('advisor', {
      ...anyTool,
      model: string,
      max_uses: nullable(integer),
      max_tokens: nullable(integer),
      caching: anything,
    }),
  ),
  mcp_toolset: object(
    { mcp_server_name: string },
    { ...mark, configs: nullable(record), default_config: record },
  ),
};
const searchTools = Object.fromEntries(
  ['regex', 'bm25'].flatMap((kind) =>
    [`tool_search_tool_${kind}`, `tool_search_tool_${kind}_20251119`].map((type) => [
      type,
      named(`tool_search_tool_${kind}`, anyTool),
    ]),
  ),
);

const customTool = object(
  {
    name: upTo(128, /^[a-zA-Z0-9_-]{1,128}$/),
    input_schema: { kind: 'map', values: anything },
  },
  {
    ...clientTool,
    description: string,
    eager_input_streaming: nullable(boolean),
    type: nullable(oneOf('custom')),
  },
);
export const tool = lazy(() =>
  tagged(
    'type',
    {
      custom: customTool,
      ...Object.fromEntries(
        Object.entries({ ...typedTools, ...searchTools }).map(([type, shape]) => [
          type,
          withTag(type, shape),
        ]),
      ),
    },
    'custom',
  ),
);
