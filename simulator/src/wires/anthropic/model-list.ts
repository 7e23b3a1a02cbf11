import type { Exchange } from '../../engine/exchange.ts';
import type { JsonObject } from '../../engine/simulated-call.ts';
import { models, requireModel } from './models.ts';
import type { ModelRules } from './models.ts';
import { refuse } from './refusals.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1000;

export function handleModel(exchange: Exchange, id: string): Promise<void> {
  return exchange.sendJson(200, renderModel(requireModel(id, exchange)));
}

/** Cursor paging: `after_id` and `before_id` name a model of the list, newest first. */
export function handleModelList(exchange: Exchange): Promise<void> {
  const { query, account } = exchange;
  const limit = query.has('limit') ? Number(query.get('limit')) : DEFAULT_LIMIT;
  if (!Number.isInteger(limit) || limit < 1) refuse('limit: Input should be greater than or equal to 1');
  if (limit > MAX_LIMIT) refuse(`limit: Input should be less than or equal to ${MAX_LIMIT}`);
  const lifecycles = query.getAll('lifecycle').concat(query.getAll('lifecycle[]'));
  const listed = models.filter(
    ({ id }) =>
      (account.models?.includes(id) ?? true) && (lifecycles.length === 0 || lifecycles.includes('active')),
  );
  const after = query.get('after_id');
  const before = query.get('before_id');
  const start = after === null ? 0 : listed.findIndex(({ id }) => id === after) + 1;
  const end = before === null ? listed.length : listed.findIndex(({ id }) => id === before);
  const range = listed.slice(start, Math.max(start, end));
  const page = before === null ? range.slice(0, limit) : range.slice(-limit);
  return exchange.sendJson(200, {
    data: page.map(renderModel),
    has_more: page.length < range.length,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  });
}

function renderModel(model: ModelRules): JsonObject {
  const can = (supported: boolean): JsonObject => ({ supported });
  return {
    type: 'model',
    id: model.id,
    display_name: model.displayName,
    created_at: model.createdAt,
    line: model.line,
    lifecycle: 'active',
    deprecated_at: null,
    retires_at: null,
    max_input_tokens: model.contextTokens,
    max_tokens: model.maxOutputTokens,
    capabilities: {
      batch: can(true),
      citations: can(true),
      code_execution: can(true),
      context_management: {
        supported: false,
        clear_thinking_20251015: null,
        clear_tool_uses_20250919: null,
        compact_20260112: null,
      },
      effort: {
        supported: model.efforts.length > 0,
        low: can(model.efforts.includes('low')),
        medium: can(model.efforts.includes('medium')),
        high: can(model.efforts.includes('high')),
        xhigh: can(model.efforts.includes('xhigh')),
        max: can(model.efforts.includes('max')),
      },
      image_input: can(true),
      pdf_input: can(true),
      server_tools: { supported: false, code_execution: can(false), web_search: can(false) },
      structured_outputs: can(true),
      thinking: {
        supported: model.thinking.some((type) => type !== 'disabled'),
        types: {
          adaptive: can(model.thinking.includes('adaptive')),
          between_tools: can(model.thinking.includes('between_tools')),
          disabled: can(model.thinking.includes('disabled')),
          enabled: can(model.thinking.includes('enabled')),
        },
      },
    },
  };
}
