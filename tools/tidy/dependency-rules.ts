import { importsOf, isCode, isTest } from './source-tree.ts';
import type { Import, Rule, SourceTree, Violation } from './source-tree.ts';

/** Rank of each folder of server/src; a lower rank never imports a higher one (docs/architecture.md). */
const ranks: Readonly<Record<string, number>> = {
  domain: 0,
  platform: 0,
  contract: 0,
  protocols: 1,
  observe: 1,
  upstreams: 2,
  routing: 2,
  access: 2,
  ledger: 2,
  relay: 3,
  control: 3,
  store: 4,
  http: 4,
  config: 5,
  cli: 5,
  'app.ts': 5,
  'main.ts': 5,
};

function folderOf(path: string): string | undefined {
  if (path.startsWith('@qingzhou/contract') || path.startsWith('contract/')) return 'contract';
  return /^server\/src\/([^/]+)/.exec(path)?.[1];
}

function ownImports(tree: SourceTree, prefix: string): readonly Import[] {
  return [...tree]
    .filter(([path]) => path.startsWith(prefix) && isCode(path) && !isTest(path))
    .flatMap(([path, text]) => importsOf(path, text));
}

/** Dependencies point down; folders of ranks 0 and 2 to 4 do not know their neighbours. */
export const dependencyRanks: Rule = (tree) =>
  [...ownImports(tree, 'server/src/'), ...ownImports(tree, 'contract/src/')].flatMap(judgeRank);

function judgeRank(one: Import): readonly Violation[] {
  const from = folderOf(one.from);
  const to = folderOf(one.target);
  if (from === undefined || to === undefined || from === to) return [];
  const fromRank = ranks[from];
  const toRank = ranks[to];
  if (fromRank === undefined) return [`${one.from}: the folder ${from} has no rank`];
  if (toRank === undefined) return [`${one.from}: imports ${to}, which has no rank`];
  if (toRank < fromRank || fromRank === 5) return [];
  // Data shapes of the domain are what mechanisms are told about; everything else of rank 0 stays apart.
  if (from === 'platform' && to === 'domain') return [];
  const relation = toRank === fromRank ? 'its neighbour' : 'above it';
  return [`${one.from}: ${from} (rank ${fromRank}) imports ${to} (rank ${toRank}), ${relation}`];
}

/** A wire protocol's folder knows the canonical model and nothing of another protocol. */
export const protocolsApart: Rule = (tree) =>
  ownImports(tree, 'server/src/protocols/').flatMap((one) => {
    const [from, to] = [one.from, one.target].map(
      (path) => /^server\/src\/protocols\/([^/]+)\//.exec(path)?.[1],
    );
    const isApart = from === undefined || to === undefined || from === to || to === 'canonical';
    return isApart || to === 'shared' ? [] : [`${one.from}: the protocol ${from} imports the protocol ${to}`];
  });

/** `domain` and `protocols` are functions of their arguments. */
export const purity: Rule = (tree) =>
  ['server/src/domain/', 'server/src/protocols/'].flatMap((prefix) =>
    [...tree]
      .filter(([path]) => path.startsWith(prefix) && isCode(path) && !isTest(path))
      .flatMap(([path, text]) => [
        ...importsOf(path, text)
          .filter((one) => one.specifier.startsWith('node:'))
          .map((one) => `${path}: is pure and must not import ${one.specifier}`),
        ...impurities
          .filter(([pattern]) => pattern.test(stripped(text)))
          .map(([, name]) => `${path}: is pure and must not use ${name}`),
      ]),
  );

const impurities: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.now\b/, 'the clock'],
  [/\bMath\.random\b|\brandomUUID\b|\bgetRandomValues\b/, 'random numbers'],
  [/\bprocess\.\w/, 'the process'],
  [/\bset(?:Timeout|Interval|Immediate)\(/, 'timers'],
];

function stripped(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '');
}

/** The environment is read in one folder. */
export const environmentInConfig: Rule = (tree) =>
  [...tree]
    .filter(([path]) => /^(server|contract|simulator)\/src\//.test(path) && isCode(path) && !isTest(path))
    .filter(([path]) => !path.startsWith('server/src/config/'))
    .filter(([, text]) => /\bprocess\s*\.\s*env\b|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/.test(stripped(text)))
    .map(([path]) => `${path}: reads the environment; only server/src/config may`);

/** The simulator stands for the providers, so it must not share code with what it tests. */
export const simulatorApart: Rule = (tree) =>
  ownImports(tree, 'simulator/')
    .filter((one) => /^(server|contract)\/|^@qingzhou\/(server|contract)/.test(one.target))
    .map((one) => `${one.from}: the simulator imports ${one.target}`);

const webLayers: readonly string[] = ['lib', 'components', 'features', 'app'];

/** In the web app: `lib`, `components` -> `features` -> `app`; features do not know each other. */
export const webLayering: Rule = (tree) =>
  ownImports(tree, 'web/src/').flatMap((one) => {
    const [from, to] = [one.from, one.target].map(webPlace);
    if (from === undefined || to === undefined) {
      return /^(server|simulator)\//.test(one.target)
        ? [`${one.from}: the web app imports ${one.target}`]
        : [];
    }
    if (from.layer === 'features' && to.layer === 'features' && from.name !== to.name) {
      return [`${one.from}: the feature ${from.name} imports the feature ${to.name}`];
    }
    return webLayers.indexOf(to.layer) > webLayers.indexOf(from.layer)
      ? [`${one.from}: web ${from.layer} imports ${to.layer}, above it`]
      : [];
  });

function webPlace(path: string): { readonly layer: string; readonly name: string } | undefined {
  const match = /^web\/src\/([^/]+)\/([^/]+)/.exec(path);
  const layer = match?.[1] ?? '';
  return webLayers.includes(layer) ? { layer, name: match?.[2] ?? '' } : undefined;
}
