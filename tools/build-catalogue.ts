/**
 * Builds `server/catalogue/models.json` from a list of public prices and our own `server/catalogue/additions.json`.
 *
 *   node tools/build-catalogue.ts prices.json [models.json]
 *
 * The input is a list of rows with prices in USD per million tokens; `additions.json` has rows of the same shape for
 * models the list lacks, and more names for those it has. A version's id holds a hash of its prices, so a changed price
 * is a new version and an unchanged one is recognised.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { readCatalogue } from '../server/src/domain/catalogue-json.ts';
import type { ModelFacts } from '../server/src/domain/catalogue.ts';

type Prices = Readonly<Record<string, unknown>>;

interface SourceRow {
  readonly id: string;
  readonly provider: string;
  readonly aliases: readonly string[];
  readonly context_window: number | null;
  readonly max_output: number | null;
  readonly modalities: { readonly input: readonly string[]; readonly output: readonly string[] };
  readonly per_mtok_usd: Prices;
  readonly tiers?: readonly (Prices & { readonly above_input_tokens: number })[];
  readonly service_tier_multipliers?: Readonly<Record<string, number>>;
  readonly per_request_usd?: Readonly<Record<string, number>>;
  readonly region_multipliers?: Readonly<Record<string, number>>;
  readonly valid_until?: string | null;
  readonly next?: (Prices & { readonly from: string }) | null;
  readonly time_bands?: {
    readonly peak_hours_utc: readonly string[];
    readonly peak_days: string;
    readonly price_fields_are: string;
    readonly off_peak: Prices;
  };
  readonly notes?: string;
  readonly source_date?: string;
}

interface Additions {
  readonly aliases: Readonly<Record<string, readonly string[]>>;
  readonly models: readonly SourceRow[];
  /** What a price list does not say of a model, where its name does not tell: family and differences from it. */
  readonly facts: Readonly<Record<string, RowFacts>>;
}

type RowFacts = Pick<ModelFacts, 'family' | 'accepts' | 'acceptsAt'>;

const classNames: Readonly<Record<string, string>> = {
  input: 'input',
  output: 'output',
  cache_read: 'cacheRead',
  cache_write_5m: 'cacheWrite5m',
  cache_write_30m: 'cacheWrite30m',
  cache_write_1h: 'cacheWrite1h',
  cache_write_12h: 'cacheWrite12h',
  audio_in: 'audioInput',
  audio_out: 'audioOutput',
  image_in: 'imageInput',
  image_out: 'imageOutput',
};

/** The first price known of a model counts for all time before it: this book cannot have served it at another. */
const beginning = '1970-01-01';

function nano(usd: number): string {
  const exact = usd * 1e9;
  const whole = Math.round(exact);
  if (Math.abs(exact - whole) > 1e-3) throw new Error(`${usd} USD is finer than a nano-USD.`);
  return String(whole);
}

function convertPrices(source: Prices): Record<string, string> {
  const prices: Record<string, string> = {};
  for (const [name, usd] of Object.entries(source)) {
    const known = classNames[name];
    if (known !== undefined && typeof usd === 'number') prices[known] = nano(usd);
  }
  return prices;
}

/** Models that only make embeddings, images or speech list no text output; it gets the price of what they make. */
function withOutput(prices: Record<string, string>): Record<string, string> {
  return { ...prices, output: prices['output'] ?? prices['imageOutput'] ?? prices['audioOutput'] ?? '0' };
}

function minutesOf(clock: string): number {
  const [hours = '', minutes = ''] = clock.split(':');
  return Number(hours) * 60 + Number(minutes);
}

/** Off-peak becomes the base price and the peak hours become bands on weekdays. */
function convertBands(row: SourceRow): { base: Record<string, string>; hourBands: readonly unknown[] } {
  const listed = withOutput(convertPrices(row.per_mtok_usd));
  const bands = row.time_bands;
  if (bands === undefined) return { base: listed, hourBands: [] };
  if (bands.price_fields_are !== 'peak' || !bands.peak_days.startsWith('Monday-Friday')) {
    throw new Error(`${row.id}: these time bands need a rule of their own.`);
  }
  const hourBands = bands.peak_hours_utc.map((span) => {
    const [from = '', to = ''] = span.split('-');
    return { days: [1, 2, 3, 4, 5], fromMinute: minutesOf(from), toMinute: minutesOf(to), prices: listed };
  });
  return { base: { ...listed, ...convertPrices(bands.off_peak) }, hourBands };
}

function identify(model: string, version: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const hash = createHash('sha256').update(JSON.stringify(version)).digest('hex').slice(0, 8);
  return { id: `${model}@${String(version['validFrom'])}-${hash}`, ...version };
}

function convertVersions(row: SourceRow): readonly unknown[] {
  if (typeof row.per_mtok_usd['input'] !== 'number') return [];
  const { base, hourBands } = convertBands(row);
  const perSearch =
    row.per_request_usd?.['web_search_per_1k'] ?? row.per_request_usd?.['google_search_grounding_per_1k'];
  const perMille = Object.entries(row.service_tier_multipliers ?? {}).map(
    ([tier, factor]) => [tier, Math.round(factor * 1_000)] as const,
  );
  const common = {
    ...(perMille.length === 0 ? {} : { serviceTierPerMille: Object.fromEntries(perMille) }),
    ...(perSearch === undefined ? {} : { webSearch: nano(perSearch / 1_000) }),
  };
  const contextTiers = (row.tiers ?? []).map((tier) => ({
    aboveInputTokens: tier.above_input_tokens,
    prices: convertPrices(tier),
  }));
  const current = identify(row.id, {
    validFrom: beginning,
    prices: base,
    ...(contextTiers.length === 0 ? {} : { contextTiers }),
    ...(hourBands.length === 0 ? {} : { hourBands }),
    ...common,
  });
  if (row.next === undefined || row.next === null) return [current];
  const { from, ...prices } = row.next;
  return [
    current,
    identify(row.id, { validFrom: from, prices: withOutput(convertPrices(prices)), ...common }),
  ];
}

/** What the list calls a surcharge that an upstream kind knows by a name of ours. */
function surchargeName(region: string): string | undefined {
  return region.startsWith('bedrock regional') ? 'bedrock-regional' : undefined;
}

function surchargesOf(row: SourceRow): Record<string, unknown> {
  const named = Object.entries(row.region_multipliers ?? {}).flatMap(([region, factor]) => {
    const name = surchargeName(region);
    return name === undefined ? [] : [[name, Math.round(factor * 1_000)] as const];
  });
  return named.length === 0 ? {} : { surchargesPerMille: Object.fromEntries(named) };
}

function noteOf(row: SourceRow): string | undefined {
  const regions = Object.entries(row.region_multipliers ?? {})
    .filter(([region]) => surchargeName(region) === undefined)
    .map(([region, factor]) => `x${factor} for ${region} is not applied`);
  const ends =
    typeof row.valid_until === 'string' && (row.next === undefined || row.next === null)
      ? [`listed until ${row.valid_until}`]
      : [];
  const bands = row.time_bands === undefined ? [] : ['public holidays count as peak days here'];
  const parts = [row.notes ?? '', ...bands, ...regions, ...ends].filter((part) => part !== '');
  return parts.length === 0 ? undefined : parts.join('; ');
}

function convertModel(row: SourceRow, additions: Additions): Record<string, unknown> {
  const moreAliases = additions.aliases[row.id] ?? [];
  const contextWindow = row.context_window ?? 0;
  const makesText = row.modalities.output.includes('text');
  const note = noteOf(row);
  return {
    id: row.id,
    provider: row.provider,
    aliases: [...row.aliases, ...moreAliases].filter((alias) => !alias.includes(' ')),
    contextWindow,
    // Vendors without an output limit are limited by the window.
    maxOutput: row.max_output ?? (makesText ? contextWindow : 0),
    inputModalities: row.modalities.input,
    outputModalities: row.modalities.output,
    ...surchargesOf(row),
    ...additions.facts[row.id],
    ...(row.source_date === undefined ? {} : { seen: row.source_date }),
    ...(note === undefined ? {} : { note }),
    prices: convertVersions(row),
  };
}

function main(input: string | undefined, output: string | undefined): void {
  if (input === undefined) throw new Error('Usage: node tools/build-catalogue.ts PRICES.json [OUTPUT.json]');
  const folder = new URL('../server/catalogue/', import.meta.url);
  const rows = JSON.parse(readFileSync(input, 'utf8')) as readonly SourceRow[];
  const additions = JSON.parse(readFileSync(new URL('additions.json', folder), 'utf8')) as Additions;
  const listed = new Set(rows.flatMap((row) => [row.id, ...row.aliases]));
  const missing = additions.models.filter((row) => !listed.has(row.id));
  const models = [...rows, ...missing].map((row) => convertModel(row, additions));
  readCatalogue({ models });
  const lines = models.map((model) => JSON.stringify(model)).join(',\n');
  writeFileSync(output ?? new URL('models.json', folder), `{"models": [\n${lines}\n]}\n`);
  console.log(`${models.length} models, ${missing.length} of them our own additions.`);
}

main(process.argv[2], process.argv[3]);
