import { asShape, asText } from '../json-shape.ts';
import { openAiUsage } from '../openai-usage.ts';
import { readUnaryBody } from '../unary-reading.ts';
import type { Envelope, UnaryReading } from '../wire-protocol.ts';

export function readEmbeddingUnary(body: Buffer, envelope: Envelope): UnaryReading {
  return readUnaryBody(body, envelope, (answer) => {
    const data = answer['data'];
    if (Boolean(answer['error']) || !Array.isArray(data)) return undefined;
    const report = asShape(answer['usage']);
    return {
      metered: report === undefined ? undefined : openAiUsage({ ...report, completion_tokens: 0 }, answer),
      contentBytes: () => data.length,
      isEmptyByIntent: false,
      servedModel: asText(answer['model']),
    };
  });
}
