import { hashHex } from './hash.ts';
import type { LossList } from './losses.ts';
import { asArray, asString } from './read-json.ts';
import type { CanonicalRequest, HostedTool, Json, SearchScope } from './request.ts';

/**
 * Tools that a provider runs itself and that others have too, in words of no protocol: what the tool does, where it may
 * look, and the steps it took. Each protocol folder says in its `hosted-tools.ts` how it writes and reads them.
 */
export type HostedStep =
  | { readonly type: 'search'; readonly id: string; readonly queries: readonly string[] }
  | { readonly type: 'search-results'; readonly id: string; readonly results: readonly FoundPage[] }
  | { readonly type: 'code'; readonly id: string; readonly code: string }
  | { readonly type: 'code-output'; readonly id: string; readonly output: string; readonly isError: boolean };

export interface FoundPage {
  readonly url: string;
  readonly title: string;
}

/** What an upstream without an equal of the tool leaves out. Forced, the call cannot be what was asked for. */
export function loseHosted(tool: HostedTool, request: CanonicalRequest, losses: LossList): void {
  const isForced = request.toolChoice?.type === 'tool' && request.toolChoice.name === tool.name;
  const { lossElsewhere = 'hosted_tool_dropped' } = tool;
  if (tool.isClientRun === true) losses.add('client_tool_refused');
  else if (isForced) losses.add('hosted_tool_refused');
  else if (lossElsewhere !== 'nothing') losses.add(lossElsewhere);
}

/** The tool that a forced choice names, where that is one a provider runs. */
export function forcedHosted({ toolChoice, tools }: CanonicalRequest): HostedTool | undefined {
  if (toolChoice?.type !== 'tool') return undefined;
  const chosen = tools.find((tool) => tool.name === toolChoice.name);
  return chosen?.type === 'hosted' ? chosen : undefined;
}

export function domainsOf(value: Json | undefined): readonly string[] {
  return (asArray(value) ?? []).flatMap((domain) => asString(domain) ?? []);
}

/** A scope with something in it. */
export function scopeOf(scope: SearchScope): { readonly scope?: SearchScope } {
  const isOpen =
    (scope.allowedDomains ?? []).length === 0 &&
    (scope.blockedDomains ?? []).length === 0 &&
    scope.location === undefined;
  return isOpen ? {} : { scope };
}

/** What the steps say in plain words, for the history of a model whose provider ran none of them. */
export function stepsAsText(steps: readonly HostedStep[]): string {
  return steps.map(stepAsText).join('\n');
}

function stepAsText(step: HostedStep): string {
  switch (step.type) {
    case 'search':
      return `Searched the web for: ${step.queries.join('; ')}`;
    case 'search-results':
      return ['Found:', ...step.results.map(({ title, url }) => `${title} ${url}`.trim())].join('\n');
    case 'code':
      return `Code:\n${step.code}`;
    case 'code-output':
      return `Output:\n${step.output}`;
    default:
      return step satisfies never;
  }
}

/** An id of one protocol's form for a step of another's. */
export function stepId(prefix: string, id: string): string {
  return id.startsWith(prefix) ? id : `${prefix}${hashHex(id)}`;
}
