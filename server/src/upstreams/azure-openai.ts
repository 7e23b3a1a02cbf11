import type { ProtocolId } from '../protocols/canonical/request.ts';
import type { Operation, RequestTarget } from '../protocols/wire-protocol.ts';
import { bearerAuthorizer, keyAuthorizer } from './bearer-authorizer.ts';
import { credentialFields } from './cloud-credential.ts';
import { fetchEntraToken } from './entra-token.ts';
import { openaiChatCarriage } from './openai-output-limit.ts';
import { hasCompletions, openaiPaths, responsesPath } from './openai.ts';
import type { ConnectionSettings, UpstreamKind } from './upstream-kind.ts';

const spoken: Partial<Record<Operation, readonly ProtocolId[]>> = {
  generate: ['openai-responses', 'openai-chat'],
  complete: ['openai-completions'],
  embed: ['openai-embeddings'],
  stored: ['openai-responses'],
};
/** Models of others beside OpenAI's have Chat Completions alone. */
const spokenWithoutResponses: typeof spoken = { ...spoken, generate: ['openai-chat'], stored: [] };

/** Addresses that name the deployment, where an `api-version` is asked for; the others take it from the body. */
const underDeployment: ReadonlySet<ProtocolId> = new Set([
  'openai-chat',
  'openai-completions',
  'openai-embeddings',
]);
const resource = 'https://cognitiveservices.azure.com';

/**
 * OpenAI's models of an Azure resource. Upstream models are names of deployments: map offered names to them. The base URL is
 * the resource's endpoint, `https://NAME.openai.azure.com` or `https://NAME.services.ai.azure.com`.
 */
export const azureOpenai: UpstreamKind = {
  id: 'azure-openai',
  title: 'Azure OpenAI',
  options: [
    {
      name: 'api-version',
      meaning:
        'use the dated addresses with this version, e.g. 2025-04-01-preview; the undated v1 addresses when left out',
      isRequired: false,
    },
    {
      name: 'responses',
      meaning: 'whether the deployments take the Responses API; "no" for models that are not OpenAI\'s',
      isRequired: false,
      values: ['yes', 'no'],
    },
  ],
  needsCredential: true,
  presets: {},
  provider: 'openai',
  hasOwnNames: true,
  speaks(operation, model, settings) {
    if (operation === 'complete' && !hasCompletions.test(model)) return [];
    return (settings.options['responses'] === 'no' ? spokenWithoutResponses : spoken)[operation] ?? [];
  },
  forwardedHeaders: [],
  requiredHeaders: [],
  address: (settings, protocol, model, target) => ({
    path: pathOf(settings, protocol, { model, target }),
    headers: [],
  }),
  carriage: (protocol) => (protocol === 'openai-chat' ? openaiChatCarriage : undefined),
  createAuthorizer(settings, ports) {
    const credential = credentialFields(settings.credential);
    if (credential === undefined) return keyAuthorizer('api-key', settings.credential);
    return bearerAuthorizer(ports, () => fetchEntraToken(credential, resource, ports));
  },
  listModels: {
    address: (settings) => ({ path: withVersion(settings, '/models'), headers: [] }),
    // The list names every model the region could deploy; which are deployed only the management API tells.
    parse: () => [],
  },
};

function pathOf(
  settings: ConnectionSettings,
  protocol: ProtocolId,
  { model, target }: { readonly model: string; readonly target: RequestTarget },
): string {
  // The version is the account's own, whatever a client of Azure asks the relay for.
  const query = target.query.split('&').filter((pair) => !pair.startsWith('api-version='));
  const asked = { ...target, query: query.join('&') };
  const path = protocol === 'openai-responses' ? responsesPath(asked) : (openaiPaths[protocol] ?? '/');
  const isClassic = settings.options['api-version'] !== undefined;
  const deployment =
    isClassic && underDeployment.has(protocol) ? `/deployments/${encodeURIComponent(model)}` : '';
  return withVersion(settings, deployment + path);
}

/** People paste the endpoint with or without `/openai` and `/v1`. */
function withVersion(settings: ConnectionSettings, path: string): string {
  const version = settings.options['api-version'];
  const hasRoot = /\/openai(?:\/v1)?$/.test(settings.baseUrl);
  const root = hasRoot ? '' : '/openai';
  if (version === undefined) return `${root}${settings.baseUrl.endsWith('/v1') ? '' : '/v1'}${path}`;
  const separator = path.includes('?') ? '&' : '?';
  return `${root}${path}${separator}api-version=${encodeURIComponent(version)}`;
}
