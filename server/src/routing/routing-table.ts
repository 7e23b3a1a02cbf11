/**
 * Routing: from an offered model to an ordered list of candidates. Knows accounts, their models and their health; knows
 * no wire format, no price book and no network. Begin at `plan.ts`.
 */
import type { UpstreamAccountRecord } from './account.ts';

/** An upstream account ready for use; built once per configuration snapshot. */
export interface RoutableAccount<Connection> {
  readonly record: UpstreamAccountRecord;
  /** Models of the catalogue it may serve when the record names none. */
  readonly catalogueModels: readonly string[];
  /** Whatever the caller needs to reach it; routing never looks inside. */
  readonly connection: Connection;
}

export interface ModelMatch<Connection> {
  readonly account: RoutableAccount<Connection>;
  readonly upstreamModel: string;
}

/** One immutable snapshot of accounts, with a memo of model look-ups. Running calls keep the snapshot they began with. */
export interface RoutingTable<Connection> {
  readonly accounts: readonly RoutableAccount<Connection>[];
  /** Accounts that serve the model, best priority first. */
  match(offeredModel: string): readonly ModelMatch<Connection>[];
  /** Every offered model name, sorted; wildcards are left out. */
  readonly offeredModels: readonly string[];
}

const maxMemo = 10_000;

/** `aliasesOf` gives every name of the same catalogue model, the name itself included. */
export function createRoutingTable<Connection>(
  accounts: readonly RoutableAccount<Connection>[],
  aliasesOf: (model: string) => readonly string[],
): RoutingTable<Connection> {
  const enabled = accounts
    .filter((account) => account.record.disabledAt === undefined)
    .sort((left, right) => left.record.priority - right.record.priority);
  const memo = new Map<string, readonly ModelMatch<Connection>[]>();

  function match(offeredModel: string): readonly ModelMatch<Connection>[] {
    const known = memo.get(offeredModel);
    if (known !== undefined) return known;
    const names = aliasesOf(offeredModel);
    const matches: ModelMatch<Connection>[] = [];
    for (const account of enabled) {
      const upstreamModel = upstreamModelOf(account, offeredModel, { names, aliasesOf });
      if (upstreamModel !== undefined) matches.push({ account, upstreamModel });
    }
    if (memo.size >= maxMemo) memo.clear();
    memo.set(offeredModel, matches);
    return matches;
  }

  const offered = new Set<string>();
  for (const account of enabled) {
    for (const name of Object.keys(account.record.modelMap)) offered.add(name);
    for (const name of account.record.models ?? account.catalogueModels) {
      if (!name.includes('*')) offered.add(name);
    }
  }
  return { accounts: enabled, match, offeredModels: [...offered].sort() };
}

/** The name to send on: mapped, listed as is, listed under an alias, or matched by a wildcard. */
function upstreamModelOf<Connection>(
  account: RoutableAccount<Connection>,
  offeredModel: string,
  { names, aliasesOf }: { names: readonly string[]; aliasesOf: (model: string) => readonly string[] },
): string | undefined {
  const mapped = account.record.modelMap[offeredModel];
  if (mapped !== undefined) return mapped;
  const models = account.record.models ?? account.catalogueModels;
  if (models.includes(offeredModel)) return offeredModel;
  const isFromCatalogue = account.record.models === undefined;
  const alias =
    names.find((name) => models.includes(name)) ?? models.find((listed) => aliasesOf(listed)[0] === names[0]);
  if (alias !== undefined) return isFromCatalogue ? bareName(offeredModel, names) : alias;
  return models.some((pattern) => matchesPattern(pattern, offeredModel)) ? offeredModel : undefined;
}

/** `provider/model` spellings are ours; a provider's own name has no slash where a slash-free alias exists. */
function bareName(offeredModel: string, names: readonly string[]): string {
  if (!offeredModel.includes('/')) return offeredModel;
  return names.find((name) => !name.includes('/')) ?? offeredModel;
}

function matchesPattern(pattern: string, model: string): boolean {
  return pattern.endsWith('*') && model.startsWith(pattern.slice(0, -1));
}
