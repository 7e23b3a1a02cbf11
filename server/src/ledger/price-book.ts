import type { ModelFacts, PriceVersion } from '../domain/catalogue.ts';
import type { EpochMs } from '../domain/time.ts';

/** Prices and facts by name, in memory. Names match exactly, then by alias, then as `provider/model`. */
export interface PriceBook {
  /** The version in force at `at`; `undefined` when the book knows no price. */
  readonly find: (name: string, at: EpochMs) => PriceVersion | undefined;
  byId(id: string): PriceVersion | undefined;
  readonly facts: (name: string) => ModelFacts | undefined;
  models(): readonly ModelFacts[];
  /** Takes over what the store holds now. Versions must come in the order in which they were recorded. */
  load(versions: readonly PriceVersion[]): void;
}

const isInForce = (version: PriceVersion, at: EpochMs): boolean =>
  version.validFrom <= at && (version.validUntil === undefined || at < version.validUntil);

/** Groups by model, latest start first; of equal starts the one recorded later comes first. */
function groupVersions(versions: readonly PriceVersion[]): Map<string, PriceVersion[]> {
  const groups = new Map<string, PriceVersion[]>();
  for (const version of versions.toReversed()) {
    const group = groups.get(version.model);
    if (group === undefined) groups.set(version.model, [version]);
    else group.push(version);
  }
  for (const group of groups.values()) group.sort((left, right) => right.validFrom - left.validFrom);
  return groups;
}

function indexNames(models: readonly ModelFacts[]): Map<string, ModelFacts> {
  const index = new Map(models.map((model) => [model.id, model]));
  for (const model of models) {
    for (const alias of model.aliases) if (!index.has(alias)) index.set(alias, model);
  }
  return index;
}

/** `otherNames`: under which further names a model may be known that is not found by its own, likeliest first. */
export function createPriceBook(
  models: readonly ModelFacts[],
  versions: readonly PriceVersion[],
  otherNames: (name: string) => readonly string[] = () => [],
): PriceBook {
  const names = indexNames(models);
  let groups = groupVersions(versions);
  let ids = new Map(versions.map((version) => [version.id, version]));

  const facts = (name: string): ModelFacts | undefined => {
    const direct = names.get(name);
    if (direct !== undefined) return direct;
    const slash = name.indexOf('/');
    const model = slash < 0 ? undefined : names.get(name.slice(slash + 1));
    if (model?.provider === name.slice(0, slash)) return model;
    for (const other of otherNames(name)) {
      const known = names.get(other);
      if (known !== undefined) return known;
    }
    return undefined;
  };

  /** Also of a model that has prices and no facts. */
  const versionsOf = (name: string): readonly PriceVersion[] | undefined => {
    const direct = groups.get(name) ?? groups.get(facts(name)?.id ?? name);
    if (direct !== undefined) return direct;
    const other = otherNames(name).find((candidate) => groups.has(candidate));
    return other === undefined ? undefined : groups.get(other);
  };

  return {
    find(name, at) {
      return versionsOf(name)?.find((version) => isInForce(version, at));
    },
    byId: (id) => ids.get(id),
    facts,
    models: () => models,
    load(loaded) {
      groups = groupVersions(loaded);
      ids = new Map(loaded.map((version) => [version.id, version]));
    },
  };
}
