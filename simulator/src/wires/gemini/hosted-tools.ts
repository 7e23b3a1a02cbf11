import type { FoundPage, HostedAbility, HostedOffer, HostedStep } from '../../engine/hosted-tools.ts';
import type { JsonObject, SimulatedChoice } from '../../engine/simulated-call.ts';
import { isObject, objectsOf } from '../shape.ts';
import { invalid } from './refusals.ts';
import type { Turn } from './turns.ts';

/** Search and code execution as this wire declares and tells them. */
const abilities: Readonly<Record<string, HostedAbility>> = {
  googleSearch: 'search',
  googleSearchRetrieval: 'search',
  codeExecution: 'code',
};

export function hostedOffer(body: JsonObject): { readonly hosted?: HostedOffer } {
  const offered = objectsOf(body['tools']).flatMap((tool) =>
    Object.keys(tool).flatMap((name) => abilities[name] ?? []),
  );
  if (offered.length === 0) return {};
  return { hosted: { abilities: offered, allowedDomains: [], blockedDomains: [] } };
}

/** Code and its output are parts of the answer; of searches only the metadata tells. */
export function stepParts(steps: readonly HostedStep[]): readonly JsonObject[] {
  return steps.flatMap((step): readonly JsonObject[] => {
    if (step.type !== 'code') return [];
    const outcome = step.isError ? 'OUTCOME_FAILED' : 'OUTCOME_OK';
    return [
      { executableCode: { language: 'PYTHON', code: step.code } },
      { codeExecutionResult: { outcome, output: step.output } },
    ];
  });
}

/** What was searched and found, and which bytes of the text rest on it. */
export function groundingOf(choice: SimulatedChoice): JsonObject {
  const searches = choice.hosted.filter((step) => step.type === 'search');
  if (searches.length === 0) return {};
  const pages: readonly FoundPage[] = searches.flatMap((step) => (step.type === 'search' ? step.pages : []));
  const text = choice.blocks.find((block) => block.type === 'text')?.text ?? '';
  const bytes = (end: number): number => Buffer.byteLength(text.slice(0, end));
  const groundingSupports = choice.citations.map(({ start, end, page }) => ({
    segment: {
      // The first byte goes without saying, as zeros do in this wire.
      ...(start === 0 ? {} : { startIndex: bytes(start) }),
      endIndex: bytes(end),
      text: text.slice(start, end),
    },
    groundingChunkIndices: [pages.indexOf(page)],
  }));
  return {
    groundingMetadata: {
      searchEntryPoint: { renderedContent: '<div class="container"></div>' },
      groundingChunks: pages.map(({ url, title }) => ({ web: { uri: url, title } })),
      ...(groundingSupports.length === 0 ? {} : { groundingSupports }),
      webSearchQueries: searches.flatMap((step) => (step.type === 'search' ? [step.query] : [])),
    },
  };
}

/** Code and outputs that come back stand in the model's turns, each output after its code. */
export function checkReturnedCode(turns: readonly Turn[]): void {
  for (const turn of turns) {
    let open = 0;
    for (const part of turn.parts) {
      if (isObject(part['executableCode'])) open += 1;
      if (!isObject(part['codeExecutionResult'])) continue;
      open -= 1;
      if (open < 0) {
        throw invalid(
          'Please ensure that code execution result parts come after their executable code part.',
        );
      }
    }
    if (open >= 0 && turn.role === 'user' && turn.parts.some((part) => isObject(part['executableCode']))) {
      throw invalid('Please ensure that executable code parts are in a turn of the model.');
    }
  }
}
