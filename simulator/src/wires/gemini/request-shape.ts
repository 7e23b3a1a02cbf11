/** The request bodies, field by field, as the SDK's types of 2026-11 have them. */
import { anything, boolean, either, integer, list, number, object, record, string } from '../shape.ts';
import type { Shape } from '../shape.ts';
import { enumOf, schema } from './schema-shape.ts';

const base64: Shape = { kind: 'string', pattern: /^[A-Za-z0-9+/_=-]*$/u };
const blob = object({}, { mimeType: string, data: base64, displayName: string });
const fileData = object({}, { mimeType: string, fileUri: string, displayName: string });

const part = object(
  {},
  {
    text: string,
    inlineData: blob,
    fileData,
    functionCall: object(
      {},
      { id: string, name: string, args: record, partialArgs: list(record), willContinue: boolean },
    ),
    functionResponse: object(
      {},
      {
        id: string,
        name: string,
        response: record,
        parts: list(object({}, { inlineData: blob, fileData })),
        scheduling: string,
        willContinue: boolean,
      },
    ),
    executableCode: object(
      {},
      { id: string, language: enumOf('LANGUAGE_UNSPECIFIED', 'PYTHON'), code: string },
    ),
    codeExecutionResult: object(
      {},
      {
        id: string,
        outcome: enumOf('OUTCOME_UNSPECIFIED', 'OUTCOME_OK', 'OUTCOME_FAILED', 'OUTCOME_DEADLINE_EXCEEDED'),
        output: string,
      },
    ),
    toolCall: object({}, { id: string, toolType: string, args: record }),
    toolResponse: object({}, { id: string, toolType: string, response: record }),
    thought: boolean,
    thoughtSignature: base64,
    videoMetadata: object({}, { startOffset: string, endOffset: string, fps: number }),
    mediaResolution: either(string, record),
    mediaProcessing: anything,
    partMetadata: record,
    audioTranscription: record,
    speechMetadata: record,
  },
);

const content = object({}, { role: string, parts: list(part) });

const functionDeclaration = object(
  {},
  {
    name: string,
    description: string,
    parameters: schema,
    parametersJsonSchema: anything,
    response: schema,
    responseJsonSchema: anything,
    behavior: enumOf('UNSPECIFIED', 'BLOCKING', 'NON_BLOCKING'),
  },
);

const tool = object(
  {},
  {
    functionDeclarations: list(functionDeclaration),
    googleSearch: object(
      {},
      {
        timeRangeFilter: record,
        searchTypes: record,
        excludeDomains: list(string),
        blockingConfidence: string,
      },
    ),
    googleSearchRetrieval: record,
    urlContext: record,
    codeExecution: object({}),
    googleMaps: record,
    fileSearch: object({}, { fileSearchStoreNames: list(string), metadataFilter: string, topK: integer }),
    computerUse: record,
    mcpServers: list(record),
  },
);

const toolConfig = object(
  {},
  {
    functionCallingConfig: object(
      {},
      {
        mode: enumOf('MODE_UNSPECIFIED', 'AUTO', 'ANY', 'NONE', 'VALIDATED'),
        allowedFunctionNames: list(string),
      },
    ),
    retrievalConfig: record,
    includeServerSideToolInvocations: boolean,
  },
);

const safetySetting = object(
  {},
  {
    category: enumOf(
      ...['UNSPECIFIED', 'HARASSMENT', 'HATE_SPEECH', 'SEXUALLY_EXPLICIT', 'DANGEROUS_CONTENT'].map(
        (name) => `HARM_CATEGORY_${name}`,
      ),
      ...['CIVIC_INTEGRITY', 'JAILBREAK', 'IMAGE_HATE', 'IMAGE_DANGEROUS_CONTENT', 'IMAGE_HARASSMENT'].map(
        (name) => `HARM_CATEGORY_${name}`,
      ),
      'HARM_CATEGORY_IMAGE_SEXUALLY_EXPLICIT',
    ),
    threshold: enumOf(
      'HARM_BLOCK_THRESHOLD_UNSPECIFIED',
      'BLOCK_LOW_AND_ABOVE',
      'BLOCK_MEDIUM_AND_ABOVE',
      'BLOCK_ONLY_HIGH',
      'BLOCK_NONE',
      'OFF',
    ),
  },
);

const generationConfig = object(
  {},
  {
    temperature: number,
    topP: number,
    topK: number,
    candidateCount: integer,
    maxOutputTokens: integer,
    stopSequences: list(string),
    seed: integer,
    presencePenalty: number,
    frequencyPenalty: number,
    responseLogprobs: boolean,
    logprobs: integer,
    responseMimeType: string,
    responseSchema: schema,
    responseJsonSchema: anything,
    responseFormat: list(record),
    responseModalities: list(enumOf('MODALITY_UNSPECIFIED', 'TEXT', 'IMAGE', 'AUDIO', 'VIDEO')),
    mediaResolution: string,
    speechConfig: record,
    imageConfig: record,
    audioTimestamp: boolean,
    audioTranscriptionConfig: record,
    translationConfig: record,
    enableAffectiveDialog: boolean,
    enableEnhancedCivicAnswers: boolean,
    thinkingConfig: object(
      {},
      {
        includeThoughts: boolean,
        thinkingBudget: integer,
        thinkingLevel: enumOf('THINKING_LEVEL_UNSPECIFIED', 'MINIMAL', 'LOW', 'MEDIUM', 'HIGH', 'XHIGH'),
      },
    ),
  },
);

const generateFields = {
  model: string,
  contents: list(content),
  systemInstruction: content,
  tools: list(tool),
  toolConfig,
  safetySettings: list(safetySetting),
  generationConfig,
  cachedContent: string,
  labels: { kind: 'map', values: string } as const,
  serviceTier: string,
  continuationToken: string,
  store: boolean,
};

export const generateRequest = object({}, generateFields);

export const countRequest = object(
  {},
  { contents: list(content), generateContentRequest: object({}, generateFields), model: string },
);

const embedFields = {
  model: string,
  content,
  taskType: enumOf(
    'TASK_TYPE_UNSPECIFIED',
    'RETRIEVAL_QUERY',
    'RETRIEVAL_DOCUMENT',
    'SEMANTIC_SIMILARITY',
    'CLASSIFICATION',
    'CLUSTERING',
    'QUESTION_ANSWERING',
    'FACT_VERIFICATION',
    'CODE_RETRIEVAL_QUERY',
  ),
  title: string,
  outputDimensionality: integer,
  autoTruncate: boolean,
  documentOcr: boolean,
  audioTrackExtraction: boolean,
};

export const embedRequest = object({}, embedFields);
export const batchEmbedRequest = object({}, { model: string, requests: list(object({}, embedFields)) });
