/**
 * Azure: a resource with OpenAI deployments (the `v1` addresses and the older ones with `api-version`) and Claude beside
 * them, below `/azure`, as several providers share the simulator's address. Keys of the resource or Entra tokens.
 * Must not know what is answered. Begin at `azureWire`; filters are in `content-filter.ts`.
 */
import type { Exchange, SimulatedWire } from '../../engine/exchange.ts';
import type { Json, JsonObject, WireRefusal } from '../../engine/simulated-call.ts';
import { azure, foundryClaude } from '../../providers/azure.ts';
import { anthropicMessages } from '../anthropic/index.ts';
import { findModel } from '../openai/index.ts';
import { openaiChatWire } from '../openai-chat/index.ts';
import { openaiCompletionsWire } from '../openai-completions/index.ts';
import { openaiEmbeddingsWire } from '../openai-embeddings/index.ts';
import { openaiResponsesWire } from '../openai-responses/index.ts';
import { isObject, textOr } from '../shape.ts';
import { filterRefusal, withFilterResults } from './content-filter.ts';

const V1 = /^\/azure\/openai\/v1\/(?<route>chat\/completions|completions|embeddings|responses|models)$/;
const CLASSIC =
  /^\/azure\/openai\/(?:deployments\/(?<deployment>[^/]+)\/(?<route>chat\/completions|completions|embeddings)|(?<plain>responses|models))$/;
const CLAUDE = /^\/azure\/anthropic(?<rest>\/v1\/messages(?:\/count_tokens)?)$/;
const API_VERSION = /^20\d\d-\d\d-\d\d(?:-preview)?$/;

interface Route {
  readonly wire: SimulatedWire;
  readonly path: string;
  readonly isFiltered: boolean;
}

const routes: Readonly<Record<string, Route>> = {
  'chat/completions': { wire: openaiChatWire, path: '/v1/chat/completions', isFiltered: true },
  completions: { wire: openaiCompletionsWire, path: '/v1/completions', isFiltered: true },
  embeddings: { wire: openaiEmbeddingsWire, path: '/v1/embeddings', isFiltered: false },
  responses: { wire: openaiResponsesWire, path: '/v1/responses', isFiltered: false },
};

export const azureWire: SimulatedWire = {
  id: 'azure-openai',
  provider: azure,
  matches: (_, path) => V1.test(path) || CLASSIC.test(path),
  async handle(exchange) {
    const classic = CLASSIC.exec(exchange.path)?.groups;
    if (classic !== undefined && !API_VERSION.test(exchange.query.get('api-version') ?? '')) {
      return exchange.refuse(azureError(404, '404', 'Resource not found'));
    }
    const name = classic?.['route'] ?? classic?.['plain'] ?? V1.exec(exchange.path)?.groups?.['route'] ?? '';
    if (name === 'models') return listModels(exchange);
    const route = routes[name];
    const body = parse(exchange.bodyText);
    if (route === undefined || exchange.method !== 'POST' || body === undefined) {
      return exchange.refuse(azureError(400, 'BadRequest', 'The request is not valid.'));
    }
    const deployment = decodeURIComponent(classic?.['deployment'] ?? textOr(body['model']));
    const model = exchange.deployments[deployment] ?? findModel(deployment)?.id;
    if (model === undefined) return exchange.refuse(missingDeployment());
    const refusal = filterRefusal(exchange.bodyText);
    if (refusal !== undefined) return exchange.refuse(refusal);
    const inner = {
      ...exchange,
      path: route.path,
      headers: { ...exchange.headers, authorization: 'Bearer checked' },
      bodyText: JSON.stringify({ ...body, model }),
    };
    return route.wire.handle(route.isFiltered ? withFilterResults(inner) : inner);
  },
};

export const foundryClaudeWire: SimulatedWire = {
  id: 'foundry-claude',
  provider: foundryClaude,
  matches: (method, path) => method === 'POST' && CLAUDE.test(path),
  handle(exchange) {
    const body = parse(exchange.bodyText);
    const deployment = textOr(body?.['model']);
    const model = exchange.deployments[deployment] ?? deployment;
    const path = CLAUDE.exec(exchange.path)?.groups?.['rest'] ?? exchange.path;
    const bodyText = body === undefined ? exchange.bodyText : JSON.stringify({ ...body, model });
    return anthropicMessages.handle({ ...exchange, path, bodyText });
  },
};

function listModels(exchange: Exchange): Promise<void> {
  const data = Object.values(exchange.deployments)
    .concat('gpt-4.1-mini', 'gpt-5.5')
    .map((id) => ({ id, object: 'model', status: 'succeeded', lifecycle_status: 'generally-available' }));
  return exchange.sendJson(200, { object: 'list', data });
}

function missingDeployment(): WireRefusal {
  return azureError(
    404,
    'DeploymentNotFound',
    'The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.',
  );
}

function azureError(status: number, code: string, message: string): WireRefusal {
  return { status, headers: {}, body: { error: { code, message } } };
}

function parse(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
