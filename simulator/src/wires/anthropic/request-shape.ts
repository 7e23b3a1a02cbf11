/** The request body as data; what cannot be said in a shape is in the `check-*` files. */
import {
  anything,
  boolean,
  either,
  integer,
  integerIn,
  list,
  nullable,
  numberIn,
  object,
  oneOf,
  record,
  string,
  upTo,
} from '../shape.ts';
import type { Shape } from '../shape.ts';
import { blocks, cacheControl, messageShape, text } from './block-shape.ts';
import { tool } from './tool-shape.ts';

const parallel = { disable_parallel_tool_use: boolean };
const display = { display: nullable(oneOf('summarized', 'omitted', 'updates')), block_binding: record };

const counted: Readonly<Record<string, Shape>> = {
  cache_control: cacheControl,
  output_config: object(
    {},
    {
      effort: nullable(oneOf('low', 'medium', 'high', 'xhigh', 'max')),
      format: nullable(object({ type: oneOf('json_schema'), schema: record })),
      task_budget: nullable(
        object({ type: oneOf('tokens'), total: integerIn(0) }, { remaining: nullable(integer) }),
      ),
    },
  ),
  speed: nullable(oneOf('standard', 'fast')),
  system: either(string, list(blocks({ text }))),
  thinking: blocks({
    enabled: object({ budget_tokens: integerIn(1024) }, display),
    adaptive: object({}, display),
    disabled: object({}),
    between_tools: object({}, { block_binding: record }),
  }),
  tool_choice: blocks({
    auto: object({}, parallel),
    any: object({}, parallel),
    tool: object({ name: string }, parallel),
    none: object({}),
  }),
  tools: list(tool),
  user_profile_id: string,
  workspace_id: string,
};

const spoken: Readonly<Record<string, Shape>> = {
  container: anything,
  diagnostics: nullable(object({}, { previous_message_id: nullable(string) })),
  inference_geo: nullable(string),
  metadata: object({}, { user_id: nullable(upTo(512)) }),
  service_tier: oneOf('auto', 'standard_only'),
  stop_sequences: list(string, { maxItems: 8191 }),
  stream: boolean,
  temperature: numberIn(0, 1),
  top_p: numberIn(0, 1),
  top_k: integerIn(0),
};

/** Fields that exist only together with a beta header. */
const BETA_FIELDS: Readonly<Record<string, { readonly beta: RegExp; readonly shape: Shape }>> = {
  context_management: { beta: /context-management|compact/, shape: nullable(record) },
  compaction: { beta: /compact/, shape: nullable(record) },
  mcp_servers: { beta: /mcp-client/, shape: list(record) },
  fallbacks: { beta: /fallback/, shape: anything },
  fallback_credit_token: { beta: /fallback/, shape: nullable(string) },
  thread: { beta: /thread/, shape: nullable(record) },
  billing_policy: { beta: /billing/, shape: anything },
  output_format: {
    beta: /structured-outputs/,
    shape: nullable(object({ type: oneOf('json_schema'), schema: record })),
  },
};

export function requestShape(operation: 'generate' | 'count-tokens', betas: string): Shape {
  const beta = Object.entries(BETA_FIELDS).filter(([, field]) => field.beta.test(betas));
  const extra = { ...counted, ...Object.fromEntries(beta.map(([name, { shape }]) => [name, shape])) };
  const messages = list(messageShape(betas), { maxItems: 100_000 });
  if (operation === 'count-tokens') return object({ messages, model: string }, extra);
  return object({ max_tokens: integerIn(0), messages, model: string }, { ...extra, ...spoken });
}
