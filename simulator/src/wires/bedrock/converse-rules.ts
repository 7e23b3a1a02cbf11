import type { Exchange } from '../../engine/exchange.ts';
import type { Json, JsonObject } from '../../engine/simulated-call.ts';
import { checkImage } from '../anthropic/images.ts';
import { AnthropicRefusal } from '../anthropic/refusals.ts';
import { isArray, isObject, objectsOf, textOr } from '../shape.ts';
import type { ConverseModel } from './models.ts';
import { refuse } from './refusals.ts';

const MAX_CACHE_POINTS = 4;

/** What a shape cannot say, in the order in which Bedrock looks. */
export function checkConverse(body: JsonObject, model: ConverseModel, exchange: Exchange): void {
  checkTurns(objectsOf(body['messages']), model, exchange);
  checkTools(body, model);
  checkToolPairs(objectsOf(body['messages']));
  checkSystem(body, model);
  checkSettings(body, model);
  checkCachePoints(body, model);
}

function checkTurns(messages: readonly JsonObject[], model: ConverseModel, exchange: Exchange): void {
  if (messages.length === 0)
    refuse(
      'A conversation must start with a user message. Try again with a conversation that starts with a user message.',
    );
  const names = new Set<string>();
  for (const [index, message] of messages.entries()) {
    const role = textOr(message['role']);
    if (role !== (index % 2 === 0 ? 'user' : 'assistant')) {
      refuse(
        index === 0
          ? 'A conversation must start with a user message. Try again with a conversation that starts with a user message.'
          : 'A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.',
      );
    }
    const blocks = objectsOf(message['content']);
    if (blocks.length === 0)
      refuse(
        `The content field in the Message object at messages.${index} is empty. Add a ContentBlock object to the content field and try again.`,
      );
    for (const [position, block] of blocks.entries()) {
      checkBlock(block, { path: `messages.${index}.content.${position}`, role, model, exchange, names });
    }
    const hasDocument = blocks.some((block) => block['document'] !== undefined);
    if (hasDocument && !blocks.some((block) => block['text'] !== undefined)) {
      refuse(`A text block must be included when using documents at messages.${index}.`);
    }
  }
}

interface Place {
  readonly path: string;
  readonly role: string;
  readonly model: ConverseModel;
  readonly exchange: Exchange;
  /** Of the documents so far. */
  readonly names: Set<string>;
}

function checkBlock(block: JsonObject, place: Place): void {
  const keys = Object.keys(block);
  const { path, role, model } = place;
  if (keys.length !== 1)
    refuse(
      `The ContentBlock object at ${path} must set one of the following keys: text, image, toolUse, toolResult, document, video, cachePoint, reasoningContent.`,
    );
  if (typeof block['text'] === 'string' && block['text'].trim() === '') {
    refuse(
      `The text field in the ContentBlock object at ${path} is blank. Add text to the text field, and try again.`,
    );
  }
  if (block['toolUse'] !== undefined && role !== 'assistant')
    refuse(`The toolUse block at ${path} may only be set in an assistant message.`);
  if (block['toolResult'] !== undefined && role !== 'user')
    refuse(`The toolResult block at ${path} may only be set in a user message.`);
  if (block['reasoningContent'] !== undefined) checkReasoning(block['reasoningContent'], place);
  checkMedia(block, place);
  if (isObject(block['toolUse']) && !isObject(block['toolUse']['input'])) {
    refuse(
      `The format of the value at ${path}.toolUse.input is invalid. Provide a json object for the field and try again.`,
    );
  }
  const result = block['toolResult'];
  if (!isObject(result)) return;
  if (objectsOf(result['content']).length === 0)
    refuse(`The content field of the toolResult at ${path} is empty.`);
  for (const inner of objectsOf(result['content']))
    checkBlock(inner, { ...place, role: 'result', path: `${path}.toolResult` });
  const id = textOr(result['toolUseId']);
  if (model.hasNineLetterIds && !/^[a-zA-Z0-9]{9}$/.test(id)) {
    refuse(`Tool call id was ${id} but must be a-z, A-Z, 0-9, with a length of 9.`);
  }
}

function checkReasoning(value: Json, { path, role, model, exchange }: Place): void {
  if (role !== 'assistant' || !model.signsThoughts) {
    refuse(
      `This model doesn't support the reasoningContent field at ${path}. Remove reasoningContent and try again.`,
    );
  }
  const content = isObject(value) ? value : {};
  const shown = isObject(content['reasoningText']) ? content['reasoningText'] : undefined;
  const isOwn =
    shown === undefined
      ? exchange.isOwnSignature(
          Buffer.from(textOr(content['redactedContent']), 'base64').toString('utf8'),
          'redacted',
          model.id,
        )
      : exchange.isOwnSignature(textOr(shown['signature']), textOr(shown['text']), model.id);
  if (!isOwn)
    refuse(`The model returned the following errors: ${path}: Invalid \`signature\` in \`thinking\` block`);
}

function checkMedia(block: JsonObject, { path, model, names, role }: Place): void {
  const image = block['image'];
  if (isObject(image)) {
    if (!model.takesImages)
      refuse(
        "This model doesn't support the image content block that you provided. Provide an image content block that the model supports and try again.",
      );
    checkPicture(image, path);
  }
  const document = block['document'];
  if (!isObject(document) || role === 'result') return;
  const name = textOr(document['name']);
  if (names.has(name))
    refuse('Your request contains duplicate document names. Provide unique names and try again.');
  names.add(name);
}

function checkPicture(image: JsonObject, path: string): void {
  const source = isObject(image['source']) ? image['source'] : {};
  if (source['bytes'] === undefined) return;
  const inner = {
    type: 'base64',
    media_type: `image/${textOr(image['format'])}`,
    data: textOr(source['bytes']),
  };
  try {
    checkImage({ source: inner }, path);
  } catch (error) {
    if (!(error instanceof AnthropicRefusal)) throw error;
    refuse(`Could not process image. ${error.message}`);
  }
}

function checkTools(body: JsonObject, model: ConverseModel): void {
  const config = body['toolConfig'];
  const uses = objectsOf(body['messages']).some((message) =>
    objectsOf(message['content']).some(
      (block) => block['toolUse'] !== undefined || block['toolResult'] !== undefined,
    ),
  );
  if (!isObject(config)) {
    if (uses)
      refuse('The toolConfig field must be defined when using toolUse and toolResult content blocks.');
    return;
  }
  if (!model.takesTools) refuse("This model doesn't support tool use.");
  const names = objectsOf(config['tools']).flatMap(({ toolSpec }) =>
    isObject(toolSpec) ? [textOr(toolSpec['name'])] : [],
  );
  if (new Set(names).size < names.length) refuse('The tool names must be unique.');
  const choice = isObject(config['toolChoice']) ? config['toolChoice'] : {};
  const [kind] = Object.keys(choice);
  if (kind !== undefined && !model.toolChoices.includes(kind)) {
    refuse(
      `This model doesn't support the toolConfig.toolChoice.${kind} field. Remove toolConfig.toolChoice.${kind} and try again.`,
    );
  }
  const forced = choice['tool'];
  if (isObject(forced) && !names.includes(textOr(forced['name']))) {
    refuse('The tool in toolConfig.toolChoice.tool must be one of the tools.');
  }
}

/** Every call of a turn is answered in the next, and nothing else is. */
function checkToolPairs(messages: readonly JsonObject[]): void {
  for (const [index, message] of messages.entries()) {
    const called = idsOf(messages[index - 1], 'toolUse');
    const answered = idsOf(message, 'toolResult');
    const missing = called.filter((id) => !answered.includes(id));
    if (textOr(message['role']) === 'user' && missing.length > 0) {
      refuse(
        `Expected toolResult blocks at messages.${index}.content for the following Ids: ${missing.join(', ')}`,
      );
    }
    if (answered.length > called.length) {
      refuse(
        `The number of toolResult blocks at messages.${index}.content exceeds the number of toolUse blocks of previous turn.`,
      );
    }
  }
  const open = idsOf(messages.at(-1), 'toolUse');
  if (open.length > 0) refuse(`Expected toolResult blocks for the following Ids: ${open.join(', ')}`);
}

function idsOf(message: JsonObject | undefined, kind: 'toolUse' | 'toolResult'): readonly string[] {
  return objectsOf(message?.['content']).flatMap((block) => {
    const inner = block[kind];
    return isObject(inner) ? [textOr(inner['toolUseId'])] : [];
  });
}

function checkSystem(body: JsonObject, model: ConverseModel): void {
  const blocks = objectsOf(body['system']);
  if (blocks.length > 0 && !model.takesSystem)
    refuse(
      "This model doesn't support system messages. Try again without a system message or use a model that supports system messages.",
    );
  const isBlank = blocks.some((block) => typeof block['text'] === 'string' && block['text'].trim() === '');
  if (isBlank) refuse('The text field in the SystemContentBlock object is blank.');
}

function checkSettings(body: JsonObject, model: ConverseModel): void {
  const inference = isObject(body['inferenceConfig']) ? body['inferenceConfig'] : {};
  if (Number(inference['maxTokens'] ?? 0) > model.maxOutputTokens) {
    refuse(
      `The maximum tokens you requested exceeds the model limit of ${model.maxOutputTokens}. Try again with a maximum tokens value that is lower than ${model.maxOutputTokens}.`,
    );
  }
  const stops = isArray(inference['stopSequences']) ? inference['stopSequences'] : [];
  if (stops.some((stop) => textOr(stop).trim() === ''))
    refuse('stopSequences: each sequence must contain non-whitespace');
  const own = isObject(body['additionalModelRequestFields']) ? body['additionalModelRequestFields'] : {};
  const extraneous = Object.keys(own).find((name) => !model.ownFields.includes(name));
  if (extraneous !== undefined) {
    refuse(
      `Malformed input request: #: extraneous key [${extraneous}] is not permitted, please reformat your input and try again.`,
    );
  }
  const reasoning = isObject(own['reasoningConfig']) ? own['reasoningConfig'] : {};
  const isFull = reasoning['maxReasoningEffort'] === 'high';
  if (isFull && ['maxTokens', 'temperature', 'topP'].some((name) => inference[name] !== undefined)) {
    refuse('maxTokens, temperature and topP must be unset when maxReasoningEffort is high.');
  }
  if (body['outputConfig'] === undefined) return;
  if (!model.takesSchemas)
    refuse(
      "This model doesn't support the outputConfig.textFormat field. Remove outputConfig.textFormat and try again.",
    );
  schemaOf(body);
}

/** The output schema, which travels as a text. */
export function schemaOf(body: JsonObject): JsonObject | undefined {
  const config = isObject(body['outputConfig']) ? body['outputConfig'] : {};
  const format = isObject(config['textFormat']) ? config['textFormat'] : {};
  const structure = isObject(format['structure']) ? format['structure'] : {};
  const definition = structure['jsonSchema'];
  if (!isObject(definition)) return undefined;
  try {
    const schema = JSON.parse(textOr(definition['schema'])) as Json;
    return isObject(schema) ? schema : refuse('The JSON schema is not an object.');
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return refuse('The JSON schema in outputConfig is not valid JSON.');
  }
}

function checkCachePoints(body: JsonObject, model: ConverseModel): void {
  const config = isObject(body['toolConfig']) ? body['toolConfig'] : {};
  const inMessages = objectsOf(body['messages']).flatMap((message) => objectsOf(message['content']));
  const places = {
    tools: objectsOf(config['tools']),
    system: objectsOf(body['system']),
    messages: inMessages,
  };
  let count = 0;
  for (const [place, blocks] of Object.entries(places)) {
    const points = blocks.filter((block) => block['cachePoint'] !== undefined).length;
    count += points;
    if (points > 0 && !model.cachePlaces.some((each) => each === place)) {
      refuse(
        `You invoked an unsupported model or your request did not allow prompt caching in ${place}.`,
        403,
        'AccessDeniedException',
      );
    }
  }
  if (count > MAX_CACHE_POINTS)
    refuse(`A maximum of ${MAX_CACHE_POINTS} blocks with cache_control may be provided. Found ${count}.`);
}
