/** Reads the commands out of a page, so that a test can run the very ones a reader copies. */
export interface CodeBlock {
  readonly language: string;
  readonly code: string;
}

/** The fenced blocks of a Markdown text, in order. */
export function codeBlocks(markdown: string): readonly CodeBlock[] {
  return [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', code = '']) => ({
    language,
    code,
  }));
}

/** The commands of a shell block: a line each, longer where a quote is open or the line ends in a backslash. */
export function shellCommands(code: string): readonly string[] {
  const commands: string[] = [];
  let open = '';
  for (const line of code.split('\n')) {
    open = open === '' ? line : `${open}\n${line}`;
    if (open.endsWith('\\') || hasOpenQuote(open)) continue;
    if (open.trim() !== '') commands.push(open);
    open = '';
  }
  if (open.trim() !== '') throw new Error(`The block ends within a command: ${open}`);
  return commands;
}

function hasOpenQuote(text: string): boolean {
  let quote = '';
  for (const character of text) {
    if (quote === '' && (character === '"' || character === "'")) quote = character;
    else if (character === quote) quote = '';
  }
  return quote !== '';
}

/** What a command of a page does, as far as a test knows how to run it. */
export type DocumentedCommand =
  | {
      readonly does: 'start';
      readonly env: Readonly<Record<string, string>>;
      /** Of `node`, as package.json has them, then those after `--`. */
      readonly args: readonly string[];
    }
  | { readonly does: 'command-line'; readonly args: readonly string[] }
  | { readonly does: 'verify' }
  | { readonly does: 'export' }
  | { readonly does: 'request' };

type Scripts = Readonly<Record<string, string>>;

/** Recognizes a command; throws on one that a test could not run, so that none goes unproven. */
export function recognize(command: string, scripts: Scripts): DocumentedCommand {
  if (/^export [A-Z_]+=\S+$/.test(command)) return { does: 'export' };
  if (command.startsWith('curl ')) return { does: 'request' };
  const match =
    /^(?<env>(?:[A-Z_]+=\S+ )*)npm (?:run )?(?<script>(?<=run )[\w:]+|start|test)(?: -- (?<rest>.+))?$/.exec(
      command,
    );
  const { env = '', script = '', rest = '' } = match?.groups ?? {};
  const [runtime, ...before] = (scripts[script] ?? '').replace(/^exec /, '').split(' ');
  if (runtime !== 'node') throw new Error(`No test knows how to run "${command}".`);
  const args = [...before, ...wordsOf(rest)];
  if (script === 'start') return { does: 'start', env: assignmentsOf(env), args };
  if (script === 'qz') return { does: 'command-line', args };
  if ((script === 'test' || script === 'check') && env + rest === '') return { does: 'verify' };
  throw new Error(`No test knows how to run "${command}".`);
}

function wordsOf(text: string): readonly string[] {
  return (text.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''));
}

function assignmentsOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    wordsOf(text).map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  );
}
