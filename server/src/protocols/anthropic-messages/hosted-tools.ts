import { domainsOf, scopeOf, stepId, type HostedStep } from '../canonical/hosted.ts';
import type { LossList } from '../canonical/losses.ts';
import { asNumber, asObject, asObjects, asString, asText, defined } from '../canonical/read-json.ts';
import type { HostedAbility, HostedTool, JsonObject } from '../canonical/request.ts';

/** Web search, web fetch and code execution as this protocol declares and tells them. */
const abilities: readonly (readonly [RegExp, HostedAbility])[] = [
  [/^web_search_\d+$/, 'web-search'],
  [/^web_fetch_\d+$/, 'web-fetch'],
  [/^code_execution_\d+$/, 'code-execution'],
];

export function decodeAbility(tool: JsonObject, type: string): Partial<HostedTool> {
  // Other models are offered all tools at once: there is nothing left to be found.
  if (type.startsWith('tool_search_tool_')) return { lossElsewhere: 'nothing' };
  const ability = abilities.find(([form]) => form.test(type))?.[1];
  if (ability === undefined) return {};
  const allowedDomains = domainsOf(tool['allowed_domains']);
  const blockedDomains = domainsOf(tool['blocked_domains']);
  const location = asObject(tool['user_location']);
  return { ability, ...scopeOf({ allowedDomains, blockedDomains, ...defined({ location }) }) };
}

/** The versions that every model with the ability takes. */
const types: Readonly<Record<HostedAbility, { readonly type: string; readonly name: string }>> = {
  'web-search': { type: 'web_search_20250305', name: 'web_search' },
  'web-fetch': { type: 'web_fetch_20250910', name: 'web_fetch' },
  'code-execution': { type: 'code_execution_20250825', name: 'code_execution' },
};

/** The name under which an upstream of this protocol knows the tool. */
export function hostedName(tool: HostedTool): string {
  return tool.protocol === 'anthropic-messages' || tool.ability === undefined
    ? tool.name
    : types[tool.ability].name;
}

/** `undefined` for a tool that has no equal here. The wire takes allowed or blocked domains, not both. */
export function encodeAbility(tool: HostedTool, losses: LossList): JsonObject | undefined {
  if (tool.ability === undefined) return undefined;
  if (tool.ability === 'code-execution') return types[tool.ability];
  const { allowedDomains = [], blockedDomains = [], location } = tool.scope ?? {};
  const isAllowed = allowedDomains.length > 0;
  if (isAllowed && blockedDomains.length > 0) losses.add('search_scope_dropped');
  return {
    ...types[tool.ability],
    ...(isAllowed ? { allowed_domains: allowedDomains } : {}),
    ...(!isAllowed && blockedDomains.length > 0 ? { blocked_domains: blockedDomains } : {}),
    ...(tool.ability === 'web-search' && location !== undefined
      ? { user_location: { type: 'approximate', ...location } }
      : {}),
  };
}

/** What a block of a tool that the provider ran tells, if it is one that others know. */
export function readSteps(block: JsonObject): readonly HostedStep[] {
  const type = asString(block['type']) ?? '';
  if (type === 'server_tool_use') return readUse(block);
  const id = asString(block['tool_use_id']) ?? '';
  if (type === 'web_search_tool_result') {
    const results = asObjects(block['content']).flatMap((page) => {
      const url = asText(page['url']);
      return url === undefined ? [] : [{ url, title: asString(page['title']) ?? '' }];
    });
    return [{ type: 'search-results', id, results }];
  }
  if (!type.endsWith('code_execution_tool_result')) return [];
  const content = asObject(block['content']) ?? {};
  const said = [asString(content['stdout']) ?? '', asString(content['stderr']) ?? ''];
  const output = said.filter((text) => text !== '').join('\n');
  const isError = content['error_code'] !== undefined || (asNumber(content['return_code']) ?? 0) !== 0;
  return [{ type: 'code-output', id, output: output || (asText(content['error_code']) ?? ''), isError }];
}

function readUse(block: JsonObject): readonly HostedStep[] {
  const id = asString(block['id']) ?? '';
  const name = asString(block['name']) ?? '';
  const input = asObject(block['input']) ?? {};
  if (name === 'web_search') {
    const query = asText(input['query']);
    return [{ type: 'search', id, queries: query === undefined ? [] : [query] }];
  }
  if (!name.endsWith('code_execution')) return [];
  const code = asText(input['code']) ?? asText(input['command']) ?? JSON.stringify(input);
  return [{ type: 'code', id, code }];
}

const idPrefix = 'srvtoolu_';

/** Steps of another provider's tool as blocks; what only this provider could have encrypted is empty. */
export function writeSteps(steps: readonly HostedStep[]): readonly JsonObject[] {
  return steps.flatMap((step): readonly JsonObject[] => {
    const id = stepId(idPrefix, step.id);
    switch (step.type) {
      case 'search':
        return [
          { type: 'server_tool_use', id, name: 'web_search', input: { query: step.queries.join('; ') } },
        ];
      case 'search-results':
        return [
          {
            type: 'web_search_tool_result',
            tool_use_id: id,
            content: step.results.map(({ url, title }) => ({
              type: 'web_search_result',
              url,
              title,
              encrypted_content: foreignContent,
              page_age: null,
            })),
          },
        ];
      case 'code':
        return [{ type: 'server_tool_use', id, name: 'code_execution', input: { code: step.code } }];
      case 'code-output':
        return [{ type: 'code_execution_tool_result', tool_use_id: id, content: codeResult(step) }];
      default:
        return step satisfies never;
    }
  });
}

/** Begins like an envelope, so that what this provider could not decrypt is cut out of a history that goes to it. */
export const foreignContent = 'qingzhou-not-encrypted';

function codeResult({ output, isError }: Extract<HostedStep, { type: 'code-output' }>): JsonObject {
  return {
    type: 'code_execution_result',
    stdout: isError ? '' : output,
    stderr: isError ? output : '',
    return_code: isError ? 1 : 0,
    content: [],
  };
}
