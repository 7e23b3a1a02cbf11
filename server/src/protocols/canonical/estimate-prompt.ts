import { createOutputEstimate } from './estimate-tokens.ts';
import { asArray } from './read-json.ts';
import type { CanonicalRequest, MediaPart, Part, Tool } from './request.ts';

/**
 * About how many tokens a prompt has, for callers who ask where no upstream counts. Nearer to the truth than the upper
 * estimate that holds are made of, and never used for money.
 */
export function estimatePrompt(request: CanonicalRequest): number {
  const text = createOutputEstimate();
  let fixed = baseTokens;
  for (const part of request.system) text.add(part.text);
  for (const turn of request.turns) {
    fixed += tokensPerTurn;
    for (const part of turn.parts) fixed += addPart(text, part);
  }
  for (const tool of request.tools) {
    fixed += tokensPerTool;
    text.add(writtenTool(tool));
  }
  if (request.output?.schema !== undefined) text.add(JSON.stringify(request.output.schema));
  return text.tokens() + fixed;
}

type Text = ReturnType<typeof createOutputEstimate>;

const baseTokens = 3;
const tokensPerTurn = 4;
const tokensPerTool = 12;
const tokensPerImage = 1_300;
/** A document or recording that the request only refers to. */
const referredTokens = 3_000;
const smallestMedium = 300;
const tokensPerKb = { image: 0, document: 30, audio: 3, video: 5 } as const;

/** Adds the words of a part, and returns what it costs besides them. */
function addPart(text: Text, part: Part): number {
  switch (part.type) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      text.add(part.text);
      return 0;
    case 'tool-call':
      text.add(part.name);
      text.add(part.argumentsText);
      return tokensPerTurn;
    case 'tool-result':
      return part.parts.reduce((sum, inner) => sum + addPart(text, inner), tokensPerTurn);
    case 'unknown':
      text.add(part.asText ?? JSON.stringify(part.data));
      return 0;
    case 'image':
    case 'document':
    case 'audio':
    case 'video':
      return mediaTokens(text, part);
    default:
      return part satisfies never;
  }
}

function mediaTokens(text: Text, { type, source }: MediaPart): number {
  if (source.type === 'text') {
    text.add(source.text);
    return 0;
  }
  if (type === 'image') return tokensPerImage;
  if (source.type !== 'base64') return referredTokens;
  const kilobytes = (source.data.length * 0.75) / 1024;
  return Math.max(smallestMedium, Math.ceil(kilobytes * tokensPerKb[type]));
}

function writtenTool(tool: Tool): string {
  if (tool.type === 'hosted') return JSON.stringify(tool.config);
  const schema = tool.schema === undefined ? '' : JSON.stringify(tool.schema);
  const inner = asArray(tool.extra?.['input_examples']);
  const examples = inner === undefined ? '' : JSON.stringify(inner);
  return `${tool.name} ${tool.description ?? ''} ${schema} ${examples}`;
}
