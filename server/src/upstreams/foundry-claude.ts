import { anthropic } from './anthropic.ts';
import { bearerAuthorizer } from './bearer-authorizer.ts';
import { credentialFields } from './cloud-credential.ts';
import { fetchEntraToken } from './entra-token.ts';
import type { UpstreamKind } from './upstream-kind.ts';

const resource = 'https://ai.azure.com';

const { defaultBaseUrl: _resource, ...wire } = anthropic;

/**
 * Claude on Microsoft Foundry: Anthropic's own wire behind Azure's credentials, upstream models being names of deployments.
 * The base URL is `https://NAME.services.ai.azure.com/anthropic`.
 */
export const foundryClaude: UpstreamKind = {
  ...wire,
  id: 'foundry-claude',
  title: 'Claude on Microsoft Foundry',
  hasOwnNames: true,
  address: (settings, protocol, model, target) => ({
    path: root(settings.baseUrl) + anthropic.address(settings, protocol, model, target).path,
    headers: [],
  }),
  createAuthorizer(settings, ports) {
    const credential = credentialFields(settings.credential);
    if (credential === undefined) {
      // The second spelling is for the list of models, which Azure itself serves.
      return { headersFor: () => ['x-api-key', settings.credential, 'api-key', settings.credential] };
    }
    return bearerAuthorizer(ports, () => fetchEntraToken(credential, resource, ports));
  },
  listModels: {
    // Claude has no list here; that of the OpenAI models beside it proves the same credential.
    address(settings) {
      const { origin, pathname } = new URL(settings.baseUrl.replace(/\/anthropic$/, ''));
      return { origin, path: `${pathname.replace(/\/$/, '')}/openai/v1/models`, headers: [] };
    },
    parse: () => [],
  },
};

function root(baseUrl: string): string {
  return baseUrl.endsWith('/anthropic') ? '' : '/anthropic';
}
