import type {
  CanonicalRequest,
  JsonObject,
  MediaSource,
  Part,
  Turn,
} from '../../server/src/protocols/canonical/request.ts';

/** A request that carries one thing more than another, and what that thing is called. */
export interface Probe {
  readonly group: string;
  readonly field: string;
  /** The request without the field; what every probe begins from when absent. */
  readonly before?: (plain: CanonicalRequest) => CanonicalRequest;
  readonly add: (request: CanonicalRequest) => CanonicalRequest;
  /** What is looked for in the request that a client can say and that an upstream gets. */
  readonly read: (request: CanonicalRequest) => unknown;
}

const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const schema: JsonObject = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};
const text = (said: string): Part => ({ type: 'text', text: said });
const user = (...parts: readonly Part[]): Turn => ({ role: 'user', parts });
const assistant = (...parts: readonly Part[]): Turn => ({ role: 'assistant', parts });
const weather = { type: 'function', name: 'get_weather', description: 'Weather', schema } as const;
const clock = { type: 'function', name: 'get_time', description: 'Time', schema } as const;
const call = {
  type: 'tool-call',
  id: 'call_Probe0001',
  name: 'get_weather',
  argumentsText: '{"city":"Oslo"}',
} as const;
const result = {
  type: 'tool-result',
  callId: 'call_Probe0001',
  name: 'get_weather',
  isError: false,
} as const;

const withTools = (plain: CanonicalRequest): CanonicalRequest => ({ ...plain, tools: [weather] });
const withTwoTools = (plain: CanonicalRequest): CanonicalRequest => ({ ...plain, tools: [weather, clock] });
const withCall = (plain: CanonicalRequest): CanonicalRequest => ({
  ...withTools(plain),
  turns: [user(text('Weather?')), assistant(call), { role: 'tool', parts: [{ ...result, parts: [] }] }],
});
const withSchema = (plain: CanonicalRequest): CanonicalRequest => ({
  ...plain,
  output: { type: 'schema', name: 'place', schema },
});

/** Adds one field of the request itself. */
function field(
  group: string,
  label: string,
  over: Partial<CanonicalRequest>,
  before?: Probe['before'],
): Probe {
  const [name] = Object.keys(over) as (keyof CanonicalRequest)[];
  return {
    group,
    field: label,
    ...(before === undefined ? {} : { before }),
    add: (request) => ({ ...request, ...over }),
    read: (request) => (name === undefined ? undefined : request[name]),
  };
}

function sampling(label: string, value: CanonicalRequest['sampling']): Probe {
  const [name] = Object.keys(value) as (keyof CanonicalRequest['sampling'])[];
  return {
    group: 'Limits and sampling',
    field: label,
    add: (request) => ({ ...request, sampling: value }),
    read: (request) => (name === undefined ? undefined : request.sampling[name]),
  };
}

function turns(label: string, added: readonly Turn[], read: Probe['read']): Probe {
  return {
    group: 'Turns',
    field: label,
    add: (request) => ({ ...request, turns: [...request.turns, ...added] }),
    read,
  };
}

const partsOf = (request: CanonicalRequest): readonly Part[] => request.turns.flatMap((turn) => turn.parts);

function media(label: string, part: Part): Probe {
  return {
    group: 'Media',
    field: label,
    add: (request) => ({ ...request, turns: [user(text('Look'), part)] }),
    read: (request) =>
      partsOf(request).find(
        (found) =>
          found.type === part.type &&
          'source' in found &&
          'source' in part &&
          found.source.type === part.source.type,
      ),
  };
}

function resultWith(label: string, over: Partial<Extract<Part, { type: 'tool-result' }>>): Probe {
  return {
    group: 'Tools',
    field: label,
    before: withCall,
    add: (request) => ({
      ...request,
      turns: [...request.turns.slice(0, 2), { role: 'tool', parts: [{ ...result, parts: [], ...over }] }],
    }),
    read: (request) => {
      const found = partsOf(request).find((part) => part.type === 'tool-result');
      return found?.type !== 'tool-result'
        ? undefined
        : Object.keys(over).map((name) => Reflect.get(found, name) as unknown);
    },
  };
}

const document = (source: MediaSource, mimeType = 'application/pdf'): Part => ({
  type: 'document',
  source,
  mimeType,
  filename: 'probe.pdf',
});

export const probes: readonly Probe[] = [
  field('Turns', 'system text', { system: [{ type: 'text', text: 'Be kind.' }] }),
  turns('text of several turns', [assistant(text('Hello.')), user(text('And?'))], (request) =>
    partsOf(request).length > 1 ? request.turns.map(({ role }) => role) : undefined,
  ),
  turns(
    'instruction between turns',
    [assistant(text('Hello.')), { role: 'system', parts: [text('Hurry.')] }, user(text('And?'))],
    (request) => request.turns.find(({ role }) => role === 'system' || role === 'developer'),
  ),
  turns('answer begun by the client', [assistant(text('It is'))], (request) =>
    request.turns.at(-1)?.role === 'assistant' ? request.turns.at(-1) : undefined,
  ),
  turns(
    'refusal in the history',
    [assistant({ type: 'refusal', text: 'No.' }), user(text('And?'))],
    (request) => partsOf(request).find((part) => part.type === 'refusal'),
  ),

  sampling('temperature', { temperature: 0.3 }),
  sampling('temperature above 1', { temperature: 1.5 }),
  sampling('top_p', { topP: 0.7 }),
  sampling('top_k', { topK: 17 }),
  sampling('seed', { seed: 4711 }),
  sampling('presence penalty', { presencePenalty: 0.4 }),
  sampling('frequency penalty', { frequencyPenalty: 0.6 }),
  sampling('logit bias', { logitBias: { 1234: 5 } }),
  sampling('several answers', { choices: 2 }),
  sampling('log probabilities', { logprobs: true }),
  field('Limits and sampling', 'output limit', { maxOutputTokens: 777 }),
  field('Limits and sampling', 'stop sequences', { stop: ['HALT'] }),

  media('image, base64', { type: 'image', source: { type: 'base64', data: pixel }, mimeType: 'image/png' }),
  media('image, address', {
    type: 'image',
    source: { type: 'url', url: 'https://media.example/a.png' },
    mimeType: 'image/png',
  }),
  media('PDF, base64', document({ type: 'base64', data: 'JVBERi0xLjQ=' })),
  media('PDF, address', document({ type: 'url', url: 'https://media.example/a.pdf' })),
  media('text document', document({ type: 'text', text: 'Some words.' }, 'text/plain')),
  media('audio', { type: 'audio', source: { type: 'base64', data: 'UklGRg==' }, mimeType: 'audio/wav' }),
  media('video', { type: 'video', source: { type: 'base64', data: 'AAAAIGZ0' }, mimeType: 'video/mp4' }),

  field('Tools', 'function', { tools: [weather] }),
  field('Tools', 'strict function', { tools: [{ ...weather, strict: true }] }, withTools),
  field('Tools', 'two tools of one name', { tools: [weather, weather] }, withTools),
  field('Tools', 'choice: none', { toolChoice: { type: 'none' } }, withTools),
  field('Tools', 'choice: some tool', { toolChoice: { type: 'required' } }, withTwoTools),
  field('Tools', 'choice: one tool', { toolChoice: { type: 'tool', name: 'get_time' } }, withTwoTools),
  field('Tools', 'one call at a time', { parallelToolCalls: false }, withTools),
  resultWith('result, text', { parts: [{ type: 'text', text: 'grey' }] }),
  resultWith('result, JSON text', { parts: [{ type: 'text', text: '{"sky":"grey"}' }] }),
  resultWith('result, image', {
    parts: [{ type: 'image', source: { type: 'base64', data: pixel }, mimeType: 'image/png' }],
  }),
  resultWith('result, failed', { isError: true, parts: [{ type: 'text', text: 'broken' }] }),

  field('Reasoning', 'effort none', { reasoning: { effort: 'none' } }),
  field('Reasoning', 'effort low', { reasoning: { effort: 'low' } }),
  field('Reasoning', 'effort high', { reasoning: { effort: 'high' } }),
  field('Reasoning', 'effort max', { reasoning: { effort: 'max' } }),
  field('Reasoning', 'token budget', { reasoning: { style: 'budget', budget: 2048 } }),
  field('Reasoning', 'off', { reasoning: { style: 'off' } }),

  field('Output', 'JSON', { output: { type: 'json' } }),
  field('Output', 'schema', { output: { type: 'schema', name: 'place', schema } }),
  field(
    'Output',
    'strict schema',
    { output: { type: 'schema', name: 'place', schema, strict: true } },
    withSchema,
  ),
  field('Output', 'verbosity', { verbosity: 'low' }),

  field(
    'Caching, service and hints',
    'mark on the system text',
    { system: [{ type: 'text', text: 'Be kind.', cache: {} }] },
    (plain) => ({ ...plain, system: [{ type: 'text', text: 'Be kind.' }] }),
  ),
  field('Caching, service and hints', 'cache key', { cacheKey: 'conversation-1' }),
  field('Caching, service and hints', 'service tier flex', { serviceTier: 'flex' }),
  field('Caching, service and hints', 'service tier priority', { serviceTier: 'priority' }),
  field('Caching, service and hints', 'end user', { endUser: 'person-1' }),
  field('Caching, service and hints', 'metadata', { metadata: { ticket: '42' } }),
];
