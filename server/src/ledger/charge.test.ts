import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPriceVersion } from '../domain/catalogue-json.ts';
import { formatUsd } from '../domain/money.ts';
import { noUsage } from '../domain/usage.ts';
import { attoOf, chargeOf } from './charge.ts';
import type { PriceVersion } from '../domain/catalogue.ts';
import type { Usage } from '../domain/usage.ts';

const usd = (text: number): string => String(Math.round(text * 1e9));
const version = (rest: Record<string, unknown>): PriceVersion =>
  readPriceVersion({ id: 'v1', model: 'm', validFrom: 0, ...rest });

const claude = version({
  prices: {
    input: usd(3),
    output: usd(15),
    cacheRead: usd(0.3),
    cacheWrite5m: usd(3.75),
    cacheWrite1h: usd(6),
  },
  contextTiers: [
    {
      aboveInputTokens: 200_000,
      prices: {
        input: usd(6),
        output: usd(22.5),
        cacheRead: usd(0.6),
        cacheWrite5m: usd(7.5),
        cacheWrite1h: usd(12),
      },
    },
  ],
  webSearch: usd(0.01),
});
const plain = version({
  prices: { input: usd(2.5), output: usd(10), cacheRead: usd(1.25) },
  serviceTierPerMille: { priority: 1_667, flex: 500 },
});
const media = version({
  prices: { input: usd(0.5), output: usd(3), cacheRead: usd(0.05), audioInput: usd(1), imageOutput: usd(60) },
});
const deepseek = version({
  prices: { input: usd(0.15), output: usd(0.6), cacheRead: usd(0.003) },
  hourBands: [
    { days: [1, 2, 3, 4, 5], fromMinute: 60, toMinute: 240, prices: { input: usd(0.3), output: usd(1.2) } },
    { days: [1, 2, 3, 4, 5], fromMinute: 360, toMinute: 600, prices: { input: usd(0.3), output: usd(1.2) } },
  ],
});
const threeTiers = version({
  prices: { input: usd(1), output: usd(5) },
  contextTiers: [
    { aboveInputTokens: 256_000, prices: { input: usd(6), output: usd(60) } },
    { aboveInputTokens: 32_000, prices: { input: usd(1.8), output: usd(9) } },
    { aboveInputTokens: 128_000, prices: { input: usd(3), output: usd(15) } },
  ],
});
const tiny = version({ prices: { input: '1', output: '3' } });

const monday = (clock: string): number => Date.parse(`2026-11-23T${clock}Z`);
const anyTime = monday('12:00:00');

interface Example {
  readonly name: string;
  readonly version: PriceVersion;
  readonly usage: Partial<Usage>;
  readonly at?: number;
  readonly usd: string;
}

/** Each total is worked out by hand. */
const examples: readonly Example[] = [
  { name: 'no tokens cost nothing', version: claude, usage: {}, usd: '0' },
  {
    name: 'one million input tokens cost the input price',
    version: plain,
    usage: { input: 1_000_000 },
    usd: '2.5',
  },
  { name: 'one input token costs a millionth of it', version: claude, usage: { input: 1 }, usd: '0.000003' },
  { name: 'output has its own price', version: claude, usage: { output: 1_000 }, usd: '0.015' },
  { name: 'input and output add up', version: claude, usage: { input: 1_200, output: 350 }, usd: '0.00885' },
  { name: 'a cache read is a tenth', version: claude, usage: { cacheRead: 10_000 }, usd: '0.003' },
  {
    name: 'a five-minute cache write has its own price',
    version: claude,
    usage: { cacheWrite5m: 10_000 },
    usd: '0.0375',
  },
  {
    name: 'an hour cache write has its own price',
    version: claude,
    usage: { cacheWrite1h: 10_000 },
    usd: '0.06',
  },
  {
    name: 'a half-hour write without a price is charged as input',
    version: claude,
    usage: { cacheWrite30m: 10_000 },
    usd: '0.03',
  },
  {
    name: 'a twelve-hour write without a price is charged as input',
    version: claude,
    usage: { cacheWrite12h: 10_000 },
    usd: '0.03',
  },
  {
    name: 'all classes of a cached conversation add up',
    version: claude,
    usage: { input: 12, cacheRead: 41_000, cacheWrite5m: 2_300, cacheWrite1h: 400, output: 812 },
    // 36 + 12,300 + 8,625 + 2,400 + 12,180 = 35,541 millionths of a dollar
    usd: '0.035541',
  },
  {
    name: 'reasoning is inside output and not charged again',
    version: claude,
    usage: { output: 1_000, reasoning: 900 },
    usd: '0.015',
  },
  { name: 'web searches are charged by the piece', version: claude, usage: { webSearches: 3 }, usd: '0.03' },
  { name: 'web searches without a price are free', version: plain, usage: { webSearches: 3 }, usd: '0' },
  {
    name: 'a prompt of exactly the tier is not above it',
    version: claude,
    usage: { input: 200_000 },
    usd: '0.6',
  },
  {
    name: 'one token more reprices the whole prompt',
    version: claude,
    usage: { input: 200_001 },
    usd: '1.200006',
  },
  {
    name: 'cached tokens count towards the tier and the output is repriced too',
    version: claude,
    usage: { input: 1_000, cacheRead: 199_000, cacheWrite5m: 1_000, output: 1_000 },
    // 6,000 + 119,400 + 7,500 + 22,500 millionths
    usd: '0.1554',
  },
  {
    name: 'output does not count towards the tier',
    version: claude,
    usage: { input: 200_000, output: 1_000 },
    usd: '0.615',
  },
  {
    name: 'below the lowest of three tiers the base holds',
    version: threeTiers,
    usage: { input: 32_000 },
    usd: '0.032',
  },
  {
    name: 'the lowest tier holds above its mark',
    version: threeTiers,
    usage: { input: 100_000, output: 1_000 },
    usd: '0.189',
  },
  {
    name: 'the middle tier holds above its mark',
    version: threeTiers,
    usage: { input: 128_001 },
    usd: '0.384003',
  },
  {
    name: 'the highest tier that is passed wins',
    version: threeTiers,
    usage: { input: 300_000, output: 100 },
    usd: '1.806',
  },
  {
    name: 'peak hours cost double',
    version: deepseek,
    usage: { input: 1_000_000, output: 1_000_000 },
    at: monday('01:00:00'),
    usd: '1.5',
  },
  {
    name: 'the last second of the peak is peak',
    version: deepseek,
    usage: { input: 1_000_000 },
    at: monday('03:59:59'),
    usd: '0.3',
  },
  {
    name: 'the end of the peak is off-peak',
    version: deepseek,
    usage: { input: 1_000_000 },
    at: monday('04:00:00'),
    usd: '0.15',
  },
  {
    name: 'the second peak of the day counts',
    version: deepseek,
    usage: { output: 1_000_000 },
    at: monday('09:59:00'),
    usd: '1.2',
  },
  {
    name: 'a class the band does not name keeps its base price',
    version: deepseek,
    usage: { cacheRead: 1_000_000 },
    at: monday('02:00:00'),
    usd: '0.003',
  },
  {
    name: 'a Sunday has no peak',
    version: deepseek,
    usage: { input: 1_000_000 },
    at: Date.parse('2026-11-22T02:00:00Z'),
    usd: '0.15',
  },
  {
    name: 'the flex tier halves the tokens',
    version: plain,
    usage: { input: 1_000, output: 1_000, serviceTier: 'flex' },
    usd: '0.00625',
  },
  {
    name: 'a tier of parts per thousand is exact',
    version: plain,
    usage: { input: 1_000, serviceTier: 'priority' },
    // 0.0025 x 1.667
    usd: '0.0041675',
  },
  {
    name: 'a tier without a multiplier is the standard price',
    version: plain,
    usage: { input: 1_000, serviceTier: 'default' },
    usd: '0.0025',
  },
  {
    name: 'a tier named like a property of every object is the standard price',
    version: plain,
    usage: { input: 1_000, serviceTier: 'constructor' },
    usd: '0.0025',
  },
  {
    name: 'audio input leaves the text where it has a price',
    version: media,
    usage: { input: 3_000, audioInput: 1_000 },
    // 2,000 x 0.5 + 1,000 x 1 millionths
    usd: '0.002',
  },
  {
    name: 'image input without a price stays text',
    version: media,
    usage: { input: 3_000, imageInput: 1_000 },
    usd: '0.0015',
  },
  {
    name: 'image output leaves the text output',
    version: media,
    usage: { output: 1_300, imageOutput: 1_290 },
    // 10 x 3 + 1,290 x 60 millionths
    usd: '0.07743',
  },
  {
    name: 'more audio than input is charged once',
    version: media,
    usage: { input: 500, audioInput: 900 },
    usd: '0.0005',
  },
  { name: 'half a nano-USD rounds up', version: tiny, usage: { input: 500_000 }, usd: '0.000000001' },
  { name: 'less than half rounds down', version: tiny, usage: { input: 499_999 }, usd: '0' },
  {
    name: 'two halves are summed before the one rounding',
    version: tiny,
    usage: { input: 500_000, output: 166_667 },
    // 0.5 + 0.500001 nano-USD is one, not two
    usd: '0.000000001',
  },
];

for (const example of examples) {
  test(`charge: ${example.name}`, () => {
    const charge = chargeOf({ ...noUsage, ...example.usage }, example.version, example.at ?? anyTime);
    assert.equal(formatUsd(charge.total), example.usd);
    const listed = charge.lines.reduce((sum, line) => sum + line.amount, 0n);
    assert.equal(listed, attoOf(charge.total), 'the lines add up to the total');
  });
}

test('charge: the rounding is a line of its own', () => {
  const { lines } = chargeOf({ ...noUsage, input: 700_000 }, tiny, anyTime);
  assert.deepEqual(
    lines.map(({ item, amount }) => [item, amount]),
    [
      ['input', 700_000_000n],
      ['rounding', 300_000_000n],
    ],
  );
});
