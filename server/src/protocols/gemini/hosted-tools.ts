import type { HostedStep } from '../canonical/hosted.ts';
import type { LossList } from '../canonical/losses.ts';
import { asArray, asObject, asObjects, asString, asText } from '../canonical/read-json.ts';
import type { HostedAbility, HostedTool, JsonObject } from '../canonical/request.ts';

/** Search, address context and code execution as this protocol declares and tells them. */
const abilities: Readonly<Record<string, HostedAbility>> = {
  googleSearch: 'web-search',
  googleSearchRetrieval: 'web-search',
  urlContext: 'web-fetch',
  codeExecution: 'code-execution',
};

export function decodeAbility(name: string): Partial<HostedTool> {
  const ability = abilities[name];
  return ability === undefined ? {} : { ability };
}

const names: Readonly<Record<HostedAbility, string>> = {
  'web-search': 'googleSearch',
  'web-fetch': 'urlContext',
  'code-execution': 'codeExecution',
};

/** `undefined` for a tool that has no equal here. Where to look cannot be said. */
export function encodeAbility({ ability, scope }: HostedTool, losses: LossList): JsonObject | undefined {
  if (ability === undefined) return undefined;
  if (scope !== undefined) losses.add('search_scope_dropped');
  return { [names[ability]]: {} };
}

/** Code and its output come in parts that have no id: an output belongs to the code before it. */
export function createCodeReader(): (part: JsonObject) => readonly HostedStep[] {
  let count = 0;
  return (part) => {
    const code = asObject(part['executableCode']);
    if (code !== undefined) {
      count += 1;
      return [{ type: 'code', id: idOf(code, count), code: asString(code['code']) ?? '' }];
    }
    const result = asObject(part['codeExecutionResult']);
    if (result === undefined) return [];
    const isError = (asString(result['outcome']) ?? 'OUTCOME_OK') !== 'OUTCOME_OK';
    const output = asString(result['output']) ?? '';
    return [{ type: 'code-output', id: idOf(result, count), output, isError }];
  };
}

function idOf(holder: JsonObject, count: number): string {
  return asText(holder['id']) ?? `code_${count}`;
}

/** What was searched for and found, told once at the end of the answer. */
export function readSearch(metadata: JsonObject | undefined, answerId: string): readonly HostedStep[] {
  const queries = (asArray(metadata?.['webSearchQueries']) ?? []).flatMap((query) => asText(query) ?? []);
  if (queries.length === 0) return [];
  const results = asObjects(metadata?.['groundingChunks']).flatMap((chunk) => {
    const web = asObject(chunk['web']);
    const url = asText(web?.['uri']);
    return url === undefined ? [] : [{ url, title: asString(web?.['title']) ?? '' }];
  });
  const id = `search_${answerId}`;
  return [
    { type: 'search', id, queries },
    { type: 'search-results', id, results },
  ];
}

/** Steps of another provider's tool as parts; searches are told with the sources, at the end. */
export function writeSteps(steps: readonly HostedStep[]): readonly JsonObject[] {
  return steps.flatMap((step): readonly JsonObject[] => {
    if (step.type === 'code') return [{ executableCode: { language: 'PYTHON', code: step.code } }];
    if (step.type !== 'code-output') return [];
    const outcome = step.isError ? 'OUTCOME_FAILED' : 'OUTCOME_OK';
    return [{ codeExecutionResult: { outcome, output: step.output } }];
  });
}

export function queriesOf(steps: readonly HostedStep[]): readonly string[] {
  return steps.flatMap((step) => (step.type === 'search' ? step.queries : []));
}
