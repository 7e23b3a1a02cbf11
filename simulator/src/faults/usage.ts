import type { StreamFrame } from '../engine/exchange.ts';
import type { Json } from '../engine/simulated-call.ts';
import type { FaultContext, FaultEffects, StreamStep } from './effects.ts';
import type { Fault, FaultName } from './fault.ts';

/** `undefined` leaves the usage out. */
type Rewrite = (usage: Json) => Json | undefined;

const REWRITES: Partial<Record<FaultName, () => Rewrite>> = {
  'missing-usage': () => () => undefined,
  'negative-usage': () => (usage) => mapNumbers(usage, (count) => -Math.max(1, count)),
  'huge-usage': () => (usage) => mapNumbers(usage, (count) => count * 1_000_000 + 1_000_000_000),
  'zero-usage': () => (usage) => mapNumbers(usage, () => 0),
  'shrinking-usage': () => {
    let isFirst = true;
    return (usage) => {
      const told = isFirst ? mapNumbers(usage, inflate) : usage;
      isFirst = false;
      return told;
    };
  },
};

/** Usage that lies, or is not there. Shrinking usage is told too large first and true afterwards. */
export function lyingUsage(fault: Fault, context: FaultContext): FaultEffects {
  const rewrite = REWRITES[fault.name]?.() ?? ((usage) => usage);
  const fields = context.provider.usageFields;
  return {
    reshapeBody: (body) => rewriteUsage(body, fields, rewrite),
    *reshapeFrames(frames): Iterable<StreamStep> {
      for (const frame of frames) {
        const told = rewriteFrame(frame, (json) => rewriteUsage(json, fields, rewrite));
        yield told;
        // Where usage comes in one closing frame, a stream can only shrink by saying it twice.
        const isClosing = fault.name === 'shrinking-usage' && /"choices":\[\]/.test(frame.text);
        if (isClosing && told.text !== frame.text) yield frame;
      }
    },
  };
}

function rewriteUsage(json: Json, fields: readonly string[], rewrite: Rewrite): Json {
  if (Array.isArray(json))
    return (json as readonly Json[]).map((item) => rewriteUsage(item, fields, rewrite));
  if (typeof json !== 'object' || json === null) return json;
  const result: Record<string, Json> = {};
  for (const [key, value] of Object.entries(json)) {
    const isUsage = fields.includes(key) && typeof value === 'object' && value !== null;
    const told = isUsage ? rewrite(value) : rewriteUsage(value, fields, rewrite);
    if (told !== undefined) result[key] = told;
  }
  return result;
}

function rewriteFrame(frame: StreamFrame, rewrite: (json: Json) => Json): StreamFrame {
  const lines = frame.text.split('\n').map((line) => {
    const match = /^(data: |[[,\s]*)(\{.*\})([\]\s]*)$/.exec(line);
    if (match === null) return line;
    const [, before = '', json = '', after = ''] = match;
    return `${before}${JSON.stringify(rewrite(JSON.parse(json) as Json))}${after}`;
  });
  return { ...frame, text: lines.join('\n') };
}

function mapNumbers(json: Json, map: (count: number) => number): Json {
  if (typeof json === 'number') return map(json);
  if (Array.isArray(json)) return (json as readonly Json[]).map((item) => mapNumbers(item, map));
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, mapNumbers(value, map)]));
}

function inflate(count: number): number {
  return count * 2 + 1000;
}
