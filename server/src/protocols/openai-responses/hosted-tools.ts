import { domainsOf, scopeOf, stepId, type HostedStep } from '../canonical/hosted.ts';
import type { LossList } from '../canonical/losses.ts';
import { asArray, asObject, asObjects, asString, asText, defined } from '../canonical/read-json.ts';
import type { HostedAbility, HostedTool, JsonObject } from '../canonical/request.ts';

/** Web search and the code interpreter as this protocol declares and tells them. */
export function decodeAbility(tool: JsonObject, type: string): Partial<HostedTool> {
  if (type === 'code_interpreter') return { ability: 'code-execution' };
  // Other models are offered all tools at once: there is nothing left to be found.
  if (type === 'tool_search') return { lossElsewhere: 'nothing' };
  if (!type.startsWith('web_search')) return {};
  if (tool['external_web_access'] === false) return { lossElsewhere: 'indexed_search_dropped' };
  const location = asObject(tool['user_location']);
  const allowedDomains = domainsOf(asObject(tool['filters'])?.['allowed_domains']);
  return { ability: 'web-search', ...scopeOf({ allowedDomains, ...defined({ location }) }) };
}

const types: Partial<Record<HostedAbility, string>> = {
  'web-search': 'web_search',
  'code-execution': 'code_interpreter',
};

export function hostedType(tool: HostedTool): string {
  const own = tool.protocol === 'openai-responses' || tool.ability === undefined;
  return own ? tool.name : (types[tool.ability] ?? tool.name);
}

/** `undefined` for a tool that has no equal here. */
export function encodeAbility(tool: HostedTool, losses: LossList): JsonObject | undefined {
  if (tool.ability === 'code-execution') return { type: 'code_interpreter', container: { type: 'auto' } };
  if (tool.ability !== 'web-search') return undefined;
  const { allowedDomains = [], blockedDomains = [], location } = tool.scope ?? {};
  if (blockedDomains.length > 0) losses.add('search_scope_dropped');
  return {
    type: 'web_search',
    ...(allowedDomains.length === 0 ? {} : { filters: { allowed_domains: allowedDomains } }),
    ...(location === undefined ? {} : { user_location: { type: 'approximate', ...location } }),
    ...defined({ search_context_size: tool.contextSize }),
  };
}

/** What the provider is asked to tell of the steps its tools took. */
export function includedSteps(tools: readonly JsonObject[]): readonly string[] {
  const has = (type: string): boolean => tools.some((tool) => tool['type'] === type);
  return [
    ...(has('web_search') ? ['web_search_call.action.sources'] : []),
    ...(has('code_interpreter') ? ['code_interpreter_call.outputs'] : []),
  ];
}

/** What the item of a tool that the provider ran tells, if it is one that others know. */
export function readSteps(item: JsonObject): readonly HostedStep[] {
  const id = asString(item['id']) ?? '';
  if (item['type'] === 'code_interpreter_call') {
    const output = asObjects(item['outputs'])
      .flatMap((out) => asText(out['logs']) ?? asText(out['url']) ?? [])
      .join('\n');
    const isError = item['status'] === 'failed';
    return [
      { type: 'code', id, code: asString(item['code']) ?? '' },
      { type: 'code-output', id, output, isError },
    ];
  }
  const action = asObject(item['action']) ?? {};
  if (item['type'] !== 'web_search_call' || (action['type'] ?? 'search') !== 'search') return [];
  const listed = (asArray(action['queries']) ?? []).flatMap((query) => asString(query) ?? []);
  const query = asText(action['query']);
  const results = asObjects(action['sources']).flatMap((source) => {
    const url = asText(source['url']);
    return url === undefined ? [] : [{ url, title: asString(source['title']) ?? '' }];
  });
  return [
    { type: 'search', id, queries: listed.length > 0 || query === undefined ? listed : [query] },
    { type: 'search-results', id, results },
  ];
}

/** Items of other providers' tools; code waits for what came of it, because an item tells both. */
export interface StepWriter {
  write(steps: readonly HostedStep[]): readonly JsonObject[];
  /** Code of which no output came. */
  finish(): readonly JsonObject[];
}

export function createStepWriter(): StepWriter {
  const waiting = new Map<string, string>();
  return {
    write: (steps) =>
      steps.flatMap((step): readonly JsonObject[] => {
        switch (step.type) {
          case 'search':
            return [searchItem(step, steps)];
          case 'code':
            waiting.set(step.id, step.code);
            return [];
          case 'code-output': {
            const code = waiting.get(step.id);
            waiting.delete(step.id);
            return code === undefined ? [] : [codeItem(step.id, code, step)];
          }
          case 'search-results':
            return [];
          default:
            return step satisfies never;
        }
      }),
    finish() {
      const items = [...waiting].map(([id, code]) => codeItem(id, code, undefined));
      waiting.clear();
      return items;
    },
  };
}

function searchItem(
  { id, queries }: Extract<HostedStep, { type: 'search' }>,
  steps: readonly HostedStep[],
): JsonObject {
  const found = steps.find((step) => step.type === 'search-results' && step.id === id);
  const sources =
    found?.type === 'search-results' ? found.results.map(({ url }) => ({ type: 'url', url })) : [];
  return {
    id: stepId('ws_', id),
    type: 'web_search_call',
    status: 'completed',
    action: {
      type: 'search',
      query: queries[0] ?? '',
      queries,
      ...(sources.length === 0 ? {} : { sources }),
    },
  };
}

function codeItem(
  id: string,
  code: string,
  result: Extract<HostedStep, { type: 'code-output' }> | undefined,
): JsonObject {
  return {
    id: stepId('ci_', id),
    type: 'code_interpreter_call',
    status: result === undefined ? 'incomplete' : result.isError ? 'failed' : 'completed',
    container_id: stepId('cntr_', id),
    code,
    outputs: result === undefined ? null : [{ type: 'logs', logs: result.output }],
  };
}
