/**
 * Amazon Bedrock: InvokeModel for Claude, Converse for every model, both whole and streamed, token counts and the list of
 * models. Signatures are verified, streams are AWS's own frames. What Claude is told and answers is Anthropic's wire;
 * what is said comes from the engine. Begin with `handle` here, then one check a file.
 */
import type { Exchange, SimulatedWire } from '../../engine/exchange.ts';
import type { Json, JsonObject } from '../../engine/simulated-call.ts';
import { bedrock } from '../../providers/bedrock.ts';
import { findFaults, isObject, textOr } from '../shape.ts';
import type { Shape } from '../shape.ts';
import { invokeClaude } from './claude-body.ts';
import { checkConverse } from './converse-rules.ts';
import { converseShape, countShape } from './converse-shape.ts';
import { sendEventStream } from './event-stream.ts';
import { models, requireModel } from './models.ts';
import { BedrockRefusal, refuse, toWire } from './refusals.ts';
import { renderAnswer, streamAnswer } from './render.ts';
import { toCall } from './to-call.ts';
import { verifySignature } from './verify-signature.ts';

const ADDRESS =
  /^\/model\/(?<model>[^/]+)\/(?<operation>invoke|invoke-with-response-stream|converse|converse-stream|count-tokens)$/;
const LIST = '/foundation-models';

export const bedrockWire: SimulatedWire = {
  id: 'bedrock',
  provider: bedrock,
  matches: (method, path) => (method === 'POST' ? ADDRESS.test(path) : path === LIST),
  async handle(exchange) {
    try {
      const region = verifySignature(exchange);
      if (exchange.path === LIST) return await exchange.sendJson(200, modelList());
      const { model = '', operation = '' } = ADDRESS.exec(exchange.path)?.groups ?? {};
      const named = decodeURIComponent(model);
      await operations[operation]?.({ exchange, named, region });
    } catch (error) {
      if (!(error instanceof BedrockRefusal)) throw error;
      await exchange.refuse(toWire(error, exchange));
    }
  },
};

interface Asked {
  readonly exchange: Exchange;
  /** The model as the address names it. */
  readonly named: string;
  /** Of the signature; API keys tell none. */
  readonly region: string | undefined;
}

const operations: Readonly<Record<string, (asked: Asked) => Promise<void>>> = {
  invoke: (asked) => invoke(asked, 'invoke'),
  'invoke-with-response-stream': (asked) => invoke(asked, 'stream'),
  converse: (asked) => converse(asked, false),
  'converse-stream': (asked) => converse(asked, true),
  'count-tokens': countTokens,
};

function invoke({ exchange, named, region }: Asked, operation: 'invoke' | 'stream'): Promise<void> {
  const model = requireModel(named, exchange, region);
  if (!model.id.startsWith('anthropic.'))
    refuse('This simulation invokes Claude alone; converse with the others.');
  return invokeClaude(exchange, parse(exchange.bodyText), { modelId: model.id, operation });
}

function converse({ exchange, named, region }: Asked, isStream: boolean): Promise<void> {
  const model = requireModel(named, exchange, region);
  const body = parse(exchange.bodyText);
  requireShape(body, converseShape);
  checkConverse(body, model, exchange);
  const call = toCall(body, model);
  const promptTokens = call.segments.reduce(
    (sum, { text }) => sum + exchange.countTokens(text),
    call.mediaTokens,
  );
  if (promptTokens > model.contextTokens) refuse('Input is too long for requested model.');
  const answer = exchange.answer(call);
  const paths = body['additionalModelResponseFieldPaths'];
  const rendering = {
    signsThoughts: model.signsThoughts,
    serviceTier: isObject(body['serviceTier']) ? body['serviceTier'] : undefined,
    tellsStop: Array.isArray(paths) && paths.includes('/stop_sequence'),
  };
  if (isStream) return sendEventStream(exchange, streamAnswer(answer, rendering), 'converse');
  return exchange.sendJson(200, renderAnswer(answer, rendering));
}

function countTokens({ exchange, named, region }: Asked): Promise<void> {
  const model = requireModel(named, exchange, region);
  const body = parse(exchange.bodyText);
  requireShape(body, countShape);
  const input = isObject(body['input']) ? body['input'] : {};
  const invoked = input['invokeModel'];
  if (isObject(invoked)) {
    const inner = parse(Buffer.from(textOr(invoked['body']), 'base64').toString('utf8'));
    return invokeClaude(exchange, inner, { modelId: model.id, operation: 'count' });
  }
  const conversation = isObject(input['converse'])
    ? input['converse']
    : refuse('input: one of invokeModel and converse must be set');
  checkConverse(conversation, model, exchange);
  const { segments, mediaTokens } = toCall(conversation, model);
  const inputTokens = segments.reduce((sum, { text }) => sum + exchange.countTokens(text), mediaTokens);
  return exchange.sendJson(200, { inputTokens });
}

function parse(text: string): JsonObject {
  try {
    const value = JSON.parse(text) as Json;
    if (isObject(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return refuse(
    'Malformed input request, please reformat your input and try again.',
    400,
    'SerializationException',
  );
}

function requireShape(body: JsonObject, shape: Shape): void {
  const fault = findFaults(body, shape)[0];
  if (fault === undefined) return;
  const place = fault.path.replaceAll(/\[(\d+)\]/g, '.$1');
  refuse(`1 validation error detected: Value at '${place}' failed to satisfy constraint: ${fault.reason}`);
}

function modelList(): Json {
  return {
    modelSummaries: models.map(({ id, takesImages, needsProfile }) => ({
      modelArn: `arn:aws:bedrock:us-east-1::foundation-model/${id}`,
      modelId: id,
      modelName: id,
      providerName: id.split('.')[0] ?? '',
      inputModalities: takesImages ? ['TEXT', 'IMAGE'] : ['TEXT'],
      outputModalities: ['TEXT'],
      responseStreamingSupported: true,
      inferenceTypesSupported: [needsProfile ? 'INFERENCE_PROFILE' : 'ON_DEMAND'],
      modelLifecycle: { status: 'ACTIVE' },
    })),
  };
}
