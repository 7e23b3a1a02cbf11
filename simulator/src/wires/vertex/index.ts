/**
 * Vertex: Gemini and Claude as Google's cloud serves them, under a project and a location (or, with an API key, without),
 * with the cloud's credentials and errors and each publisher's own wire inside. Must not know what is answered.
 * Begin at the two wires; what the cloud refuses beyond the publishers' rules is in `gemini-rules.ts` and `claude-body.ts`.
 */
import type { Exchange, SimulatedWire } from '../../engine/exchange.ts';
import type { WireRefusal } from '../../engine/simulated-call.ts';
import { vertex, vertexClaude } from '../../providers/vertex.ts';
import { anthropicMessages } from '../anthropic/index.ts';
import { handleAction, withGeminiRefusals } from '../gemini/index.ts';
import { listModels } from '../gemini/model-list.ts';
import { claudeRequest } from './claude-body.ts';
import { geminiBody } from './gemini-rules.ts';

const ADDRESS =
  /^\/(?<version>v1|v1beta1)\/(?:projects\/(?<project>[^/]+)\/locations\/(?<location>[^/]+)\/)?publishers\/(?<publisher>google|anthropic)\/models(?:\/(?<model>[^/]+):(?<verb>[A-Za-z]+))?$/u;
const LOCATION = /^(?:global|us|eu|[a-z]+(?:-[a-z]+)*\d+)$/;

interface Address {
  readonly project: string | undefined;
  readonly location: string | undefined;
  readonly publisher: string;
  readonly model: string;
  readonly verb: string;
}

export const vertexGeminiWire: SimulatedWire = {
  id: 'vertex-gemini',
  provider: vertex,
  matches: (method, path) =>
    addressOf(path)?.publisher === 'google' &&
    (method === 'POST' || (method === 'GET' && path.endsWith('/models'))),
  async handle(exchange) {
    const address = addressOf(exchange.path);
    const refusal = address === undefined ? notFound(exchange) : refusalOfPlace(address, exchange);
    if (address === undefined || refusal !== undefined) return exchange.refuse(refusal ?? notFound(exchange));
    await withGeminiRefusals(exchange, async () => {
      if (exchange.method === 'GET') return listModels(renamed(exchange));
      const bodyText = geminiBody(exchange.bodyText, address.model, address.verb);
      return handleAction({ ...exchange, bodyText }, address.model, address.verb);
    });
  },
};

export const vertexClaudeWire: SimulatedWire = {
  id: 'vertex-claude',
  provider: vertexClaude,
  matches: (method, path) => method === 'POST' && addressOf(path)?.publisher === 'anthropic',
  async handle(exchange) {
    const address = addressOf(exchange.path);
    const refusal = address === undefined ? notFound(exchange) : refusalOfPlace(address, exchange);
    if (address === undefined || refusal !== undefined) return exchange.refuse(refusal ?? notFound(exchange));
    if (address.project === undefined) return exchange.refuse(notFound(exchange));
    const inner = claudeRequest(exchange, address.model, address.verb);
    return 'status' in inner ? exchange.refuse(inner) : anthropicMessages.handle(inner);
  },
};

function addressOf(path: string): Address | undefined {
  const { project, location, publisher, model, verb } = ADDRESS.exec(path)?.groups ?? {};
  if (publisher === undefined) return undefined;
  return { project, location, publisher, model: decodeURIComponent(model ?? ''), verb: verb ?? '' };
}

/** A project must be the credential's own; without one only an API key will do. */
function refusalOfPlace({ project, location }: Address, exchange: Exchange): WireRefusal | undefined {
  const { headers, query, identity } = exchange;
  const hasApiKey = headers['x-goog-api-key'] !== undefined || query.get('key') !== null;
  const isList = exchange.method === 'GET';
  if (project === undefined) return hasApiKey || isList ? undefined : notFound(exchange);
  if (location !== undefined && !LOCATION.test(location)) {
    return googleError(400, 'INVALID_ARGUMENT', `Unsupported region for Vertex AI, ${location}`);
  }
  if (project === identity.projectId) return undefined;
  const resource = `//aiplatform.googleapis.com/projects/${project}/locations/${location ?? ''}`;
  return googleError(
    403,
    'PERMISSION_DENIED',
    `Permission 'aiplatform.endpoints.predict' denied on resource '${resource}' (or it may not exist).`,
  );
}

function notFound(exchange: Exchange): WireRefusal {
  return googleError(404, 'NOT_FOUND', `The requested URL ${exchange.path} was not found on this server.`);
}

function googleError(code: number, status: string, message: string): WireRefusal {
  return { status: code, headers: {}, body: { error: { code, message, status } } };
}

/** The cloud's own list: resource names under the publisher. */
function renamed(exchange: Exchange): Exchange {
  return {
    ...exchange,
    sendJson(status, body, headers) {
      const text = JSON.stringify(body)
        .replaceAll('"name":"models/', '"name":"publishers/google/models/')
        .replace('{"models":', '{"publisherModels":');
      return exchange.sendJson(status, JSON.parse(text) as never, headers);
    },
  };
}
