import { findMatches, importsOf, isCode, isTest, withoutComments } from './source-tree.ts';
import type { Rule, SourceTree, Violation } from './source-tree.ts';

function serverCode(tree: SourceTree): readonly (readonly [string, string])[] {
  return [...tree]
    .filter(([path]) => path.startsWith('server/src/') && isCode(path) && !isTest(path))
    .map(([path, text]) => [path, withoutComments(text)] as const);
}

const names =
  'anthropic|anthropic-messages|openai|openai-chat|openai-completions|openai-responses|openai-embeddings|openai-compatible|gemini|google|bedrock|vertex|azure|deepseek|xai|mistral|groq|moonshot|qwen|zhipu|openrouter|together|ollama|vllm';
const quoted = `(['"\`])(?:${names})\\1`;
const comparisons: readonly RegExp[] = [
  new RegExp(`[=!]==?\\s*${quoted}`, 'g'),
  new RegExp(`${quoted}\\s*[=!]==?`, 'g'),
  new RegExp(`\\bcase\\s+${quoted}`, 'g'),
  new RegExp(`\\.(?:includes|startsWith|endsWith|indexOf|has|get)\\(\\s*${quoted}`, 'g'),
  new RegExp(`\\[[^\\]\\n]*${quoted}[^\\]\\n]*\\]\\s*\\.\\s*(?:includes|indexOf|some)\\(`, 'g'),
];

/** Only `protocols` and `upstreams` know who is who; everybody else asks a declared property. */
export const noProviderComparisons: Rule = (tree) =>
  serverCode(tree)
    .filter(([path]) => !/^server\/src\/(protocols|upstreams)\//.test(path))
    .flatMap(([path, text]) =>
      comparisons.flatMap((pattern) =>
        findMatches(text, pattern).map(
          ({ line, found }) => `${path}:${line}: compares a provider or protocol by name (${found.trim()})`,
        ),
      ),
    );

const frameworkPackages = /^(hono|@hono\/)/;

/** The web framework is known in `http` only. */
export const frameworkInHttp: Rule = (tree) =>
  [...tree]
    .filter(([path]) => path.startsWith('server/src/') && isCode(path) && !isTest(path))
    .filter(([path]) => !path.startsWith('server/src/http/'))
    .flatMap(([path, text]) => importsOf(path, text))
    .filter((one) => frameworkPackages.test(one.specifier))
    .map((one) => `${one.from}: imports the web framework (${one.specifier}); only server/src/http may`);

const dataPlane = /^server\/src\/(relay|protocols|platform|upstreams)\/|^server\/src\/http\/data/;
const webApis =
  /(?<![.\w'"`-])(?:fetch\(|new (?:Request|Response|Headers|ReadableStream|WritableStream|TransformStream|TextDecoderStream)\b)|:\s*(?:Request|Response|ReadableStream|WritableStream|TransformStream)\b(?!\w)|['"]node:stream\/web['"]|\bReadable\.(?:toWeb|fromWeb)\b/g;

/** Between the caller's socket and the upstream's there are Buffers and callbacks only: the rest costs ten times more. */
export const noWebStreamsOnDataPlane: Rule = (tree) =>
  serverCode(tree)
    .filter(([path]) => dataPlane.test(path))
    .flatMap(([path, text]) => [
      ...findMatches(text, webApis).map(
        ({ line, found }) => `${path}:${line}: uses ${found.trim()} on the data plane`,
      ),
      ...importsOf(path, text)
        .filter((one) => frameworkPackages.test(one.specifier))
        .map((one) => `${path}: imports ${one.specifier} on the data plane`),
    ]);

/** What belongs into a ticket or a type, not into code. Spelt so that this file passes its own rule. */
const bannedWords: readonly RegExp[] = [
  /\bTO[D]O\b/,
  /\bFIX[M]E\b/,
  /\bX[X]X\b/,
  /\bas a[n]y\b/,
  /@ts-i[g]nore|@ts-noc[h]eck/,
  /\b(?:test|it|describe)\.on[l]y\(/,
  /\bon[l]y:\s*true/,
];

export const noBannedWords: Rule = (tree) =>
  [...tree].filter(([path]) => isCode(path)).flatMap(([path, text]) => judgeWords(path, text));

function judgeWords(path: string, text: string): readonly Violation[] {
  return text.split('\n').flatMap((line, index) =>
    bannedWords.flatMap((pattern) => {
      const found = pattern.exec(line)?.[0];
      return found === undefined ? [] : [`${path}:${index + 1}: "${found}" is not left in code`];
    }),
  );
}

const machineTraces: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w.-])\/(?:w[o]rk|h[o]me\/\w+|r[o]ot|U[s]ers\/\w+)\/[\w.-]+/, 'a path of one machine'],
  [
    /https?:\/\/[\w.-]*(?:regist[r]y|artifact[o]ry|nex[u]s|verdacc[i]o)[\w.-]*/i,
    'the address of a package registry',
  ],
  [/"resolved":\s*"https?:/, 'the address of a package registry'],
];

/** Every tracked text file: nothing that only means something on the machine it was written on. */
export const noMachineTraces: Rule = (tree) =>
  [...tree].flatMap(([path, text]) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        machineTraces
          .filter(([pattern]) => pattern.test(line))
          .map(([, what]) => `${path}:${index + 1}: has ${what}`),
      ),
  );
