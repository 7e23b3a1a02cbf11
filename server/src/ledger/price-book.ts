import { withSurcharge } from './surcharge.ts';
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

/** How names of models are read that are not the catalogue's own. */
export interface CatalogueSpelling {
  /** Further names under which a model may be known, likeliest first. */
  readonly otherNames: (name: string) => readonly string[];
  /** The surcharge of `ModelFacts.surchargesPerMille` that goes with the name. */
  readonly surchargeOf: (name: string) => string | undefined;
}

const plainSpelling: CatalogueSpelling = { otherNames: () => [], surchargeOf: () => undefined };

export function createPriceBook(
  models: readonly ModelFacts[],
  versions: readonly PriceVersion[],
  { otherNames, surchargeOf }: CatalogueSpelling = plainSpelling,
): PriceBook {
  const names = indexNames(models);
  let groups = groupVersions(versions);
  let ids = new Map(versions.map((version) => [version.id, version]));
  let surcharged = new Map<string, PriceVersion>();

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

  /** The same version where every price is higher; its id says so, and leads back to it. */
  const atSurcharge = (version: PriceVersion, surcharge: string | undefined): PriceVersion => {
    const perMille = names.get(version.model)?.surchargesPerMille?.[surcharge ?? ''];
    if (surcharge === undefined || perMille === undefined) return version;
    const id = `${version.id}+${surcharge}`;
    const known = surcharged.get(id) ?? { ...withSurcharge(version, perMille), id };
    surcharged.set(id, known);
    return known;
  };

  return {
    find(name, at) {
      const version = versionsOf(name)?.find((each) => isInForce(each, at));
      // A price that the operator gave to this very name holds as it is.
      return version === undefined || groups.has(name) ? version : atSurcharge(version, surchargeOf(name));
    },
    byId(id) {
      const direct = ids.get(id);
      if (direct !== undefined) return direct;
      const [, base = '', surcharge = ''] = /^(.+)\+([\w-]+)$/.exec(id) ?? [];
      const version = ids.get(base);
      return version === undefined ? undefined : atSurcharge(version, surcharge);
    },
    facts,
    models: () => models,
    load(loaded) {
      groups = groupVersions(loaded);
      ids = new Map(loaded.map((version) => [version.id, version]));
      surcharged = new Map();
    },
  };
}
