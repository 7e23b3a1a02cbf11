import type { Directives } from './directives.ts';
import { hashOf } from './seeded-random.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedCall } from './simulated-call.ts';
import { countTokens } from './tokenizer.ts';
import { writeSentence } from './write-text.ts';

/** Tools that the provider runs itself, as far as the engine runs them: it finds pages that nobody wrote. */
export type HostedAbility = 'search' | 'code';

/** What a request offers of them. */
export interface HostedOffer {
  readonly abilities: readonly HostedAbility[];
  /** The tool that must be used. */
  readonly forced?: HostedAbility;
  readonly allowedDomains: readonly string[];
  readonly blockedDomains: readonly string[];
}

export interface FoundPage {
  readonly url: string;
  readonly title: string;
  readonly text: string;
}

export type HostedStep =
  | {
      readonly type: 'search';
      readonly id: string;
      readonly query: string;
      readonly pages: readonly FoundPage[];
    }
  | {
      readonly type: 'code';
      readonly id: string;
      readonly code: string;
      readonly output: string;
      readonly isError: boolean;
    };

/** A sentence of the answer and the page it rests on; UTF-16 units of the text. */
export interface SimulatedCitation {
  readonly start: number;
  readonly end: number;
  readonly page: FoundPage;
}

const DOMAINS = ['wiki.example', 'news.example', 'shop.example'];

/** The steps this answer takes before it speaks: those a directive spells out, or the one that is forced. */
export function runHostedTools(
  call: SimulatedCall,
  directives: Directives,
  { seed, random }: { readonly seed: string; readonly random: SeededRandom },
): readonly HostedStep[] {
  const offer = call.hosted;
  if (offer === undefined || call.toolChoice === 'none' || call.endsWithToolResults) return [];
  const spelled = directives.hosted.filter(({ ability }) => offer.abilities.includes(ability));
  const isMissing = offer.forced !== undefined && !spelled.some(({ ability }) => ability === offer.forced);
  const wanted =
    isMissing && offer.forced !== undefined
      ? [...spelled, { ability: offer.forced, text: call.lastUserText.slice(0, 60) }]
      : spelled;
  return wanted.map(({ ability, text }, index): HostedStep => {
    const id = hashOf(seed, 'hosted', String(index)).slice(0, 24);
    return ability === 'search'
      ? { type: 'search', id, query: text, pages: find(text, offer, random) }
      : { type: 'code', id, code: text, ...run(text) };
  });
}

function find(query: string, offer: HostedOffer, random: SeededRandom): readonly FoundPage[] {
  const open = offer.allowedDomains.length > 0 ? offer.allowedDomains : DOMAINS;
  const domains = open.filter((domain) => !offer.blockedDomains.includes(domain));
  const slug = encodeURIComponent(query.trim().toLowerCase().replaceAll(/\s+/gu, '-'));
  return domains.slice(0, 2).map((domain) => ({
    url: `https://${domain}/${slug}`,
    title: `${query} – ${domain}`,
    text: writeSentence(random),
  }));
}

/** `raise ...` fails; anything else prints what stands in the brackets of its last `print`. */
function run(code: string): { readonly output: string; readonly isError: boolean } {
  const raised = /\braise\s+(.*)/u.exec(code)?.[1];
  if (raised !== undefined) return { output: raised, isError: true };
  const printed = [...code.matchAll(/print\(([^)]*)\)/gu)].at(-1)?.[1] ?? '';
  return { output: `${printed.replaceAll(/^["']|["']$/gu, '')}\n`, isError: false };
}

/** Every sentence but the last of several rests on a page of the last search, in turn. */
export function citeText(text: string, steps: readonly HostedStep[]): readonly SimulatedCitation[] {
  const search = steps.findLast((step) => step.type === 'search');
  const pages = search?.type === 'search' ? search.pages : [];
  if (pages.length === 0) return [];
  const sentences = [...text.matchAll(/\S[^.!?]*[.!?]*/gu)];
  const cited = sentences.length > 1 ? sentences.slice(0, -1) : sentences;
  return cited.flatMap((sentence, index) => {
    const page = pages[index % pages.length];
    return page === undefined
      ? []
      : [{ start: sentence.index, end: sentence.index + sentence[0].length, page }];
  });
}

/** What the steps put before the model, on top of its prompt. */
export function tokensFed(steps: readonly HostedStep[]): number {
  return steps.reduce((sum, step) => {
    if (step.type === 'code') return sum + countTokens(step.output);
    return sum + step.pages.reduce((total, page) => total + countTokens(page.title + page.text), 0);
  }, 0);
}

/** What the model wrote to take them. */
export function tokensOfSteps(steps: readonly HostedStep[]): number {
  return steps.reduce((sum, step) => sum + countTokens(step.type === 'search' ? step.query : step.code), 0);
}
