import type { OrganizationId } from '../domain/ids.ts';

/** Learns how long answers are, per organization and model, in bounded memory. Forgets the least recently seen. */
export interface OutputLearner {
  observe(organizationId: OrganizationId, model: string, outputTokens: number): void;
  /** Tokens that nine answers of ten stay under; at least 1,024. */
  expect(organizationId: OrganizationId, model: string): number;
}

const leastExpected = 1_024;
const quantile = 0.9;
/** Bucket n holds answers of up to 256 * 2^(n/2) tokens; the last one reaches 371,000. */
const bucketCount = 22;
const firstBucket = 256;
/** At this many answers all counts are halved, so that the last few hundred decide. */
const halveAt = 256;

interface Histogram {
  readonly counts: Uint16Array;
  total: number;
}

/** Most tokens of each bucket. */
const bucketTops = Array.from({ length: bucketCount }, (_, bucket) =>
  Math.ceil(firstBucket * 2 ** (bucket / 2)),
);

function bucketOf(tokens: number): number {
  const bucket = bucketTops.findIndex((top) => tokens <= top);
  return bucket === -1 ? bucketCount - 1 : bucket;
}

export function createOutputLearner(capacity = 10_000): OutputLearner {
  const histograms = new Map<string, Histogram>();
  // Asked twice for every call: the last key is kept, as putting it together and hashing it costs more than all else.
  let last = { organizationId: '', model: '', key: '' };
  const keyOf = (organizationId: OrganizationId, model: string): string => {
    if (last.organizationId !== organizationId || last.model !== model) {
      last = { organizationId, model, key: `${organizationId} ${model}` };
    }
    return last.key;
  };
  // Moves the key to the end of the insertion order, which is the order of forgetting; not worth it while there is room.
  const remember = (key: string, histogram: Histogram): void => {
    histograms.delete(key);
    histograms.set(key, histogram);
    if (histograms.size <= capacity) return;
    const [oldest] = histograms.keys();
    if (oldest !== undefined) histograms.delete(oldest);
  };
  return {
    observe(organizationId, model, outputTokens) {
      const key = keyOf(organizationId, model);
      const known = histograms.get(key);
      const histogram = known ?? { counts: new Uint16Array(bucketCount), total: 0 };
      if (known === undefined || histograms.size > capacity / 2) remember(key, histogram);
      const bucket = bucketOf(outputTokens);
      histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
      histogram.total += 1;
      if (histogram.total < halveAt) return;
      histogram.counts.forEach((count, index) => {
        histogram.counts[index] = count >> 1;
      });
      histogram.total = histogram.counts.reduce((sum, count) => sum + count, 0);
    },
    expect(organizationId, model) {
      const histogram = histograms.get(keyOf(organizationId, model));
      if (histogram === undefined) return leastExpected;
      let rest = Math.ceil(histogram.total * quantile);
      const bucket = histogram.counts.findIndex((count) => (rest -= count) <= 0);
      return Math.max(leastExpected, bucketTops[bucket] ?? leastExpected);
    },
  };
}
