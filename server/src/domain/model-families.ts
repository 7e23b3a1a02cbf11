/**
 * What a model of this name accepts. The table is data (`catalogue/families.json`); a row of the catalogue may name its
 * family and differ from it, also for one upstream alone. A name nobody knows is taken for a member of the family its
 * pattern fits, or for what is usual on the wire it is reached over.
 */
import { z } from 'zod';
import table from '../../catalogue/families.json' with { type: 'json' };
import type { ModelFacts } from './catalogue.ts';
import { modelAbilities, someAbilities, type ModelAbilities, type SomeAbilities } from './model-abilities.ts';

const family = z.strictObject({
  id: z.string().min(1),
  /** Letter case does not count. The first two numbers it captures are the version. */
  pattern: z.string().optional(),
  like: z.string().optional(),
  accepts: someAbilities,
  from: z.record(z.string().regex(/^\d+\.\d+$/), someAbilities).optional(),
  unversioned: z
    .string()
    .regex(/^\d+\.\d+$/)
    .optional(),
  defaultFor: z.array(z.string()).optional(),
  at: z.record(z.string(), someAbilities).optional(),
  note: z.string().optional(),
});

const familyTable = z.strictObject({ note: z.string(), families: z.array(family) });

interface Generation {
  readonly version: number;
  readonly accepts: SomeAbilities;
}

interface Family {
  readonly id: string;
  readonly pattern: RegExp | undefined;
  readonly base: ModelAbilities;
  readonly generations: readonly Generation[];
  readonly unversioned: number;
  readonly defaultFor: readonly string[];
  /** Where all its models differ at one upstream, by the upstream's kind or preset; families like it take it over. */
  readonly at: Readonly<Record<string, SomeAbilities>>;
}

/** Reads a table of families. Throws an `Error` that names the first fault. */
export function readFamilies(value: unknown): readonly Family[] {
  const families: Family[] = [];
  for (const row of familyTable.parse(value).families) {
    const parent = families.find((one) => one.id === row.like);
    if (row.like !== undefined && parent === undefined) {
      throw new Error(`${row.id}: there is no family "${row.like}" above it.`);
    }
    if (families.some((one) => one.id === row.id)) throw new Error(`${row.id}: is there twice.`);
    families.push({
      id: row.id,
      pattern: row.pattern === undefined ? undefined : new RegExp(row.pattern, 'i'),
      base: modelAbilities.parse({ ...parent?.base, ...row.accepts }),
      generations: Object.entries(row.from ?? {})
        .map(([version, accepts]) => ({ version: versionNumber(...split(version)), accepts }))
        .toSorted((left, right) => left.version - right.version),
      unversioned: row.unversioned === undefined ? 0 : versionNumber(...split(row.unversioned)),
      defaultFor: row.defaultFor ?? [],
      at: { ...parent?.at, ...row.at },
    });
  }
  return families;
}

function split(version: string): readonly [string, string] {
  const [major = '', minor = ''] = version.split('.');
  return [major, minor];
}

function versionNumber(major: string, minor: string): number {
  return Number(major) * 100 + Number(minor);
}

const families = readFamilies(table);

/** Where and how a model is reached. */
export interface ReachedModel {
  readonly model: string;
  /** The wire spoken to the upstream, which decides what an unknown name is taken for. */
  readonly protocol: string;
  /** The upstream whose own differences apply, as rows name it. */
  readonly upstream?: string | undefined;
}

export function abilitiesOf(reached: ReachedModel, facts: ModelFacts | undefined): ModelAbilities {
  const names = facts === undefined ? [reached.model] : [facts.id, reached.model];
  const [found, name] = findFamily(names, facts?.family, reached.protocol);
  const { upstream = '' } = reached;
  return Object.assign(
    { ...found.base },
    ...laidOver(found, name),
    found.at[upstream],
    sensesOf(facts),
    facts?.accepts,
    facts?.acceptsAt?.[upstream],
  ) as ModelAbilities;
}

function findFamily(
  names: readonly string[],
  named: string | undefined,
  protocol: string,
): readonly [Family, string] {
  const byRow = families.find((one) => one.id === named);
  if (byRow !== undefined) return [byRow, names[0] ?? ''];
  for (const name of names) {
    const fitting = families.find((one) => one.pattern?.test(name) === true);
    if (fitting !== undefined) return [fitting, name];
  }
  const usual = families.find((one) => one.defaultFor.includes(protocol)) ?? families[0];
  if (usual === undefined) throw new Error('The table of model families is empty.');
  return [usual, ''];
}

/** The generations up to the version in the name. */
function laidOver(found: Family, name: string): readonly SomeAbilities[] {
  const numbers = found.pattern?.exec(name)?.slice(1).filter(Boolean) ?? [];
  const [major, minor = '0'] = numbers;
  const version = major === undefined ? found.unversioned : versionNumber(major, minor);
  return found.generations.filter((one) => one.version <= version).map((one) => one.accepts);
}

/** What a catalogue row says of the media a model takes; a row without modalities says nothing. */
function sensesOf(facts: ModelFacts | undefined): SomeAbilities {
  const senses = facts?.inputModalities ?? [];
  if (senses.length === 0) return {};
  return {
    vision: senses.includes('image'),
    pdf: senses.includes('pdf'),
    audioIn: senses.includes('audio'),
    videoIn: senses.includes('video'),
  };
}

/** True where the table has a family of this id; rows may name no other. */
export function isFamily(id: string): boolean {
  return families.some((one) => one.id === id);
}
