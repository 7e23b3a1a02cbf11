/**
 * The catalogue as JSON text: what `catalogue/models.json` and the price book's rows hold. Money is a string of whole
 * nano-USD, dates are ISO days or instants in UTC. Reading checks everything, because people edit these files.
 */
import { z } from 'zod';
import { tokenClasses } from './catalogue.ts';
import { someAbilities } from './model-abilities.ts';
import { isFamily } from './model-families.ts';
import { toNanoUsd } from './money.ts';
import type { ClassPrices, ModelFacts, PriceVersion } from './catalogue.ts';
import type { NanoUsd } from './money.ts';
import type { EpochMs } from './time.ts';

export interface Catalogue {
  readonly models: readonly ModelFacts[];
  readonly prices: readonly PriceVersion[];
}

type JsonRecord = Readonly<Record<string, unknown>>;

class CatalogueFault extends Error {}

function fail(where: string, what: string): never {
  throw new CatalogueFault(`${where}: ${what}`);
}

function readRecord(value: unknown, where: string): JsonRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(where, 'must be an object.');
  return value as JsonRecord;
}

function readList(value: unknown, where: string): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) fail(where, 'must be a list.');
  return value as readonly unknown[];
}

function readText(value: unknown, where: string): string {
  if (typeof value !== 'string' || value === '') fail(where, 'must be a text.');
  return value;
}

function readCount(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    fail(where, 'must be a whole number, zero or more.');
  }
  return value;
}

function readMoney(value: unknown, where: string): NanoUsd {
  if (typeof value !== 'string' || !/^\d{1,18}$/.test(value))
    fail(where, 'must be a text of whole nano-USD.');
  return toNanoUsd(BigInt(value));
}

function readInstant(value: unknown, where: string): EpochMs {
  const at = typeof value === 'number' ? value : Date.parse(readText(value, where));
  if (!Number.isFinite(at)) fail(where, 'must be a date such as 2026-12-01.');
  return at;
}

function readPrices(value: unknown, where: string): Partial<ClassPrices> {
  const record = readRecord(value, where);
  const prices: Record<string, NanoUsd> = {};
  for (const [name, price] of Object.entries(record)) {
    if (!(tokenClasses as readonly string[]).includes(name)) fail(where, `"${name}" is not a token class.`);
    prices[name] = readMoney(price, `${where}.${name}`);
  }
  return prices;
}

function readFullPrices(value: unknown, where: string): ClassPrices {
  const prices = readPrices(value, where);
  if (prices.input === undefined || prices.output === undefined) fail(where, 'needs "input" and "output".');
  return { ...prices, input: prices.input, output: prices.output };
}

function readTier(value: unknown, where: string): PriceVersion['contextTiers'][number] {
  const record = readRecord(value, where);
  return {
    aboveInputTokens: readCount(record['aboveInputTokens'], `${where}.aboveInputTokens`),
    prices: readPrices(record['prices'], `${where}.prices`),
  };
}

function readBand(value: unknown, where: string): PriceVersion['hourBands'][number] {
  const record = readRecord(value, where);
  const fromMinute = readCount(record['fromMinute'], `${where}.fromMinute`);
  const toMinute = readCount(record['toMinute'], `${where}.toMinute`);
  if (fromMinute >= toMinute || toMinute > 1_440) fail(where, 'must lie within one UTC day.');
  const days = readList(record['days'], `${where}.days`).map((day) => readCount(day, `${where}.days`));
  if (days.some((day) => day > 6)) fail(where, 'days run from 0 (Sunday) to 6.');
  return { days, fromMinute, toMinute, prices: readPrices(record['prices'], `${where}.prices`) };
}

/** Reads one version; `model` is given where the file nests versions under their model. */
export function readPriceVersion(value: unknown, model?: string): PriceVersion {
  const record = readRecord(value, model ?? 'price version');
  const id = readText(record['id'], `${model ?? 'price version'}.id`);
  const tiers = readList(record['contextTiers'], id).map((tier) => readTier(tier, `${id}.contextTiers`));
  const perMille = Object.entries(readRecord(record['serviceTierPerMille'] ?? {}, id));
  return {
    id,
    model: model ?? readText(record['model'], `${id}.model`),
    validFrom: readInstant(record['validFrom'], `${id}.validFrom`),
    ...(record['validUntil'] === undefined
      ? {}
      : { validUntil: readInstant(record['validUntil'], `${id}.validUntil`) }),
    prices: readFullPrices(record['prices'], `${id}.prices`),
    contextTiers: tiers.toSorted((left, right) => left.aboveInputTokens - right.aboveInputTokens),
    hourBands: readList(record['hourBands'], id).map((band) => readBand(band, `${id}.hourBands`)),
    serviceTierPerMille: Object.fromEntries(
      perMille.map(([tier, parts]) => [tier, readCount(parts, `${id}.serviceTierPerMille.${tier}`)]),
    ),
    ...(record['webSearch'] === undefined
      ? {}
      : { webSearch: readMoney(record['webSearch'], `${id}.webSearch`) }),
  };
}

/** One version as JSON text; `readPriceVersion` of its parse gives it back. */
export function writePriceVersion(version: PriceVersion): string {
  return JSON.stringify(version, (_name, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}

function readModel(value: unknown, position: number): ModelFacts {
  const record = readRecord(value, `models[${position}]`);
  const id = readText(record['id'], `models[${position}].id`);
  const texts = (name: string) =>
    readList(record[name], `${id}.${name}`).map((text) => readText(text, `${id}.${name}`));
  return {
    id,
    provider: readText(record['provider'], `${id}.provider`),
    aliases: texts('aliases'),
    contextWindow: readCount(record['contextWindow'], `${id}.contextWindow`),
    maxOutput: readCount(record['maxOutput'], `${id}.maxOutput`),
    inputModalities: texts('inputModalities'),
    outputModalities: texts('outputModalities'),
    ...readSurcharges(record['surchargesPerMille'], `${id}.surchargesPerMille`),
    ...readAbilities(record, id),
  };
}

function readSurcharges(value: unknown, where: string): Pick<ModelFacts, 'surchargesPerMille'> {
  if (value === undefined) return {};
  const entries = Object.entries(readRecord(value, where));
  const surcharges = entries.map(([name, parts]) => [name, readCount(parts, `${where}.${name}`)] as const);
  return { surchargesPerMille: Object.fromEntries(surcharges) };
}

const abilityFields = z.object({
  family: z.string().refine(isFamily, 'is no family of catalogue/families.json').exactOptional(),
  accepts: someAbilities.exactOptional(),
  acceptsAt: z.record(z.string(), someAbilities).exactOptional(),
});

function readAbilities(record: JsonRecord, id: string): z.infer<typeof abilityFields> {
  const read = abilityFields.safeParse(record);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  return fail([id, ...(issue?.path ?? [])].join('.'), issue?.message ?? 'is not readable.');
}

/** Reads a parsed catalogue file. Throws an `Error` that names the place of the first fault. */
export function readCatalogue(value: unknown): Catalogue {
  const entries = readList(readRecord(value, 'catalogue')['models'], 'models');
  const models = entries.map(readModel);
  const names = new Set<string>();
  for (const name of models.flatMap((model) => [model.id, ...model.aliases])) {
    if (names.has(name)) fail(name, 'is the name of two models.');
    names.add(name);
  }
  const prices = entries.flatMap((entry, index) =>
    readList(readRecord(entry, 'models')['prices'], 'prices').map((price) =>
      readPriceVersion(price, models[index]?.id),
    ),
  );
  return { models, prices };
}
