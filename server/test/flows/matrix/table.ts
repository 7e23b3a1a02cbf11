import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** What came of one scenario: nothing, or why it failed. */
export interface Outcome {
  readonly library: string;
  readonly client: string;
  readonly upstream: string;
  readonly scenario: string;
  readonly failure?: string;
}

const opening = `# Conformance

<!-- Written by server/test/flows/matrix.test.ts: WRITE_DOCS=1 npm test -- matrix.test -->

The official client libraries, unmodified, through the whole relay to the strict simulator of each provider. Every cell
is a conversation that was held: *yes* means that it went as the client's own documentation says. Where client and
upstream speak the same protocol the bytes pass through; everywhere else they are translated.

| Column | What is tried |
|---|---|
| text, stream | an answer whole and piece by piece, with its usage |
| tools, parallel tools | calls with their arguments, results sent back, the answer after them |
| image | a picture in the prompt reaches the provider |
| reasoning | the model thinks, what it thought comes through, and the next turn carries it back |
| schema | the answer fits a JSON schema |
| long with tools | eleven turns with thinking, calls and results, half of them streamed |
| error | the provider's refusal, and a stream that breaks, in the client's own errors |
| abort | the client leaves in the middle, and the provider is left at once |
`;

/** The section of one library: a row for each client and upstream, a column for each scenario. */
export function librarySection(outcomes: readonly Outcome[]): string {
  const columns = [...new Set(outcomes.map(({ scenario }) => scenario))];
  const rows = Map.groupBy(outcomes, ({ client, upstream }) => `${client} | ${upstream}`);
  const lines = [...rows].map(([pair, own]) => {
    const cells = columns.map((column) => cellOf(own.find(({ scenario }) => scenario === column)));
    return `| ${pair} | ${cells.join(' | ')} |\n`;
  });
  const head = `| Client speaks | Upstream speaks | ${columns.join(' | ')} |\n|---|---|${'---|'.repeat(columns.length)}\n`;
  return `\n## ${outcomes[0]?.library ?? ''}\n\n${head}${lines.join('')}`;
}

/** Puts a section in the place of the one with its heading, or after the last. */
export function writeSection(path: string, section: string): void {
  const heading = section.trimStart().split('\n', 1)[0] ?? '';
  const page = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const sections = page.split(/\n(?=## )/).slice(1);
  const others = sections.filter((other) => !other.startsWith(heading)).map((other) => `\n${other}`);
  const all = [...others, section].map((text) => `${text.trimEnd()}\n`).toSorted();
  writeFileSync(path, opening + all.join(''));
}

function cellOf(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'not tried';
  return outcome.failure === undefined
    ? 'yes'
    : `no: ${outcome.failure.replaceAll(/[|\n]/g, ' ').slice(0, 80)}`;
}
