/** The body of Converse as data; what cannot be said in a shape is in `converse-rules.ts`. */
import {
  anything,
  boolean,
  integerIn,
  list,
  numberIn,
  object,
  oneOf,
  record,
  string,
  upTo,
} from '../shape.ts';
import type { Shape } from '../shape.ts';

const id = upTo(64, /^[a-zA-Z0-9_-]+$/);
const source = object({}, { bytes: string, s3Location: object({ uri: string }, { bucketOwner: string }) });
const cachePoint = object({ type: oneOf('default') }, { ttl: oneOf('5m', '1h') });
const image = object({ format: oneOf('png', 'jpeg', 'gif', 'webp'), source });
const document = object(
  {
    name: upTo(200, /^[\w()[\]-]+(?: [\w()[\]-]+)*$/),
    source: object({}, { bytes: string, text: string, content: anything, s3Location: record }),
  },
  {
    format: oneOf('pdf', 'csv', 'doc', 'docx', 'xls', 'xlsx', 'html', 'txt', 'md'),
    context: string,
    citations: object({ enabled: boolean }),
  },
);
const video = object({ format: string, source });
const audio = object({ format: string, source });
const reasoningContent = object(
  {},
  { reasoningText: object({ text: string }, { signature: string }), redactedContent: string },
);
const toolUse = object({ toolUseId: id, name: id, input: anything }, { type: string });
const resultBlock = object(
  {},
  { text: string, json: anything, image, document, video, searchResult: anything },
);
const toolResult = object(
  { toolUseId: id, content: list(resultBlock) },
  { status: oneOf('success', 'error'), type: string },
);

const block: Shape = object(
  {},
  { text: string, image, document, video, audio, toolUse, toolResult, reasoningContent, cachePoint },
);

const tool = object(
  {},
  {
    toolSpec: object(
      { name: id, inputSchema: object({ json: record }) },
      { description: upTo(100_000, /[\s\S]/), strict: boolean },
    ),
    cachePoint,
    systemTool: object({ name: string }),
  },
);

const conversation: Readonly<Record<string, Shape>> = {
  messages: list(object({ role: oneOf('user', 'assistant'), content: list(block) })),
  system: list(object({}, { text: string, cachePoint, guardContent: anything })),
  toolConfig: object(
    { tools: list(tool, { minItems: 1 }) },
    { toolChoice: object({}, { auto: object({}), any: object({}), tool: object({ name: id }) }) },
  ),
  additionalModelRequestFields: record,
};

export const converseShape: Shape = object(
  {},
  {
    ...conversation,
    modelId: string,
    inferenceConfig: object(
      {},
      {
        maxTokens: integerIn(1),
        temperature: numberIn(0, 1),
        topP: numberIn(0, 1),
        stopSequences: list(string, { maxItems: 2500 }),
      },
    ),
    additionalModelResponseFieldPaths: list(string, { maxItems: 10 }),
    requestMetadata: record,
    performanceConfig: object({}, { latency: oneOf('standard', 'optimized') }),
    serviceTier: object({ type: oneOf('default', 'flex', 'priority', 'reserved') }),
    outputConfig: object(
      {},
      {
        textFormat: object({
          type: oneOf('json_schema'),
          structure: object({
            jsonSchema: object({ schema: string }, { name: string, description: string }),
          }),
        }),
        effort: string,
      },
    ),
  },
);

export const countShape: Shape = object(
  {
    input: object({}, { invokeModel: object({ body: string }), converse: object({}, conversation) }),
  },
  { modelId: string },
);
