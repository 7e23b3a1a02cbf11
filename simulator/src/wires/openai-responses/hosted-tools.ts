import type { HostedAbility, HostedOffer, HostedStep, SimulatedCitation } from '../../engine/hosted-tools.ts';
import type { JsonObject } from '../../engine/simulated-call.ts';
import { invalid } from '../openai/index.ts';
import { isArray, isObject, objectsOf, textOr } from '../shape.ts';

/** Web search and the code interpreter as this wire declares and tells them. */
function abilityOf(type: string): HostedAbility | undefined {
  if (type.startsWith('web_search')) return 'search';
  return type === 'code_interpreter' ? 'code' : undefined;
}

export function hostedOffer(body: JsonObject): { readonly hosted?: HostedOffer } {
  const tools = objectsOf(body['tools']);
  const abilities = tools.flatMap((tool) => abilityOf(textOr(tool['type'])) ?? []);
  if (abilities.length === 0) return {};
  const choice = isObject(body['tool_choice']) ? textOr(body['tool_choice']['type']) : '';
  const forced = abilityOf(choice);
  const search = tools.find((tool) => abilityOf(textOr(tool['type'])) === 'search') ?? {};
  const filters = isObject(search['filters']) ? search['filters'] : {};
  const allowed = isArray(filters['allowed_domains']) ? filters['allowed_domains'] : [];
  return {
    hosted: {
      abilities,
      allowedDomains: allowed.map((domain) => textOr(domain)),
      blockedDomains: [],
      ...(forced === undefined ? {} : { forced }),
    },
  };
}

/** A step as the item that tells it; sources and outputs only for who asked to have them included. */
export function stepItem(step: HostedStep, include: readonly string[]): JsonObject {
  if (step.type === 'search') {
    const sources = step.pages.map(({ url }) => ({ type: 'url', url }));
    const isIncluded = include.includes('web_search_call.action.sources');
    return {
      id: `ws_${step.id}`,
      type: 'web_search_call',
      status: 'completed',
      action: {
        type: 'search',
        query: step.query,
        queries: [step.query],
        ...(isIncluded ? { sources } : {}),
      },
    };
  }
  const isIncluded = include.includes('code_interpreter_call.outputs');
  return {
    id: `ci_${step.id}`,
    type: 'code_interpreter_call',
    status: step.isError ? 'failed' : 'completed',
    code: step.code,
    container_id: `cntr_${step.id}`,
    outputs: isIncluded ? [{ type: 'logs', logs: step.output }] : null,
  };
}

export function annotationsOf(citations: readonly SimulatedCitation[]): readonly JsonObject[] {
  return citations.map(({ start, end, page }) => ({
    type: 'url_citation',
    start_index: start,
    end_index: end,
    title: page.title,
    url: page.url,
  }));
}

const prefixes: Readonly<Record<string, string>> = { web_search_call: 'ws', code_interpreter_call: 'ci' };

/** Items of tools that come back keep the form of their ids. */
export function checkHostedItem(item: JsonObject, index: number): void {
  const prefix = prefixes[textOr(item['type'])];
  const id = textOr(item['id']);
  if (prefix === undefined || id.startsWith(`${prefix}_`)) return;
  throw invalid(
    `Invalid 'input[${index}].id': '${id}'. Expected an ID that begins with '${prefix}'.`,
    `input[${index}].id`,
    'invalid_value',
  );
}
