/**
 * Identity: what the clouds' token services know - service accounts, applications, tokens and how long they live. Knows no
 * model and no wire. Begin at `createIdentity`; the endpoints that hand out tokens are wires of their own.
 */
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createTokenBook } from './token-book.ts';
import type { TokenBook } from './token-book.ts';

export { audiences } from './token-book.ts';
export type { TokenVerdict } from './token-book.ts';

/** The key file of a service account, as Google's console gives it. */
export interface ServiceAccountKey {
  readonly type: 'service_account';
  readonly project_id: string;
  readonly private_key_id: string;
  readonly private_key: string;
  readonly client_email: string;
  readonly token_uri: string;
}

export interface EntraApplication {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface Identity {
  readonly projectId: string;
  readonly serviceAccountEmail: string;
  readonly serviceAccountKeyId: string;
  readonly application: EntraApplication;
  /** What a workload's own identity provider gives it. */
  readonly subjectToken: string;
  readonly tokens: TokenBook;
  publicKey(): KeyObject;
  privateKeyPem(): string;
}

export function createIdentity(options: { now: () => number; tokenLifetimeS: number }): Identity {
  let pair: { readonly privatePem: string; readonly publicKey: KeyObject } | undefined;
  // Made at first use: most simulators never need it, and it takes a while.
  const keys = (): NonNullable<typeof pair> => {
    if (pair !== undefined) return pair;
    const made = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    pair = { privatePem: made.privateKey, publicKey: createPublicKey(made.publicKey) };
    return pair;
  };
  return {
    projectId: 'simulated-project',
    serviceAccountEmail: 'relay@simulated-project.iam.gserviceaccount.com',
    serviceAccountKeyId: '5151e0a20000400080005151e0a25151e0a25151',
    application: {
      tenantId: '5151e0a2-0000-4000-8000-00000000aaaa',
      clientId: '5151e0a2-0000-4000-8000-00000000bbbb',
      clientSecret: 'sim8Q~simulated-application-secret',
    },
    subjectToken: 'simulated.subject.token',
    tokens: createTokenBook(options),
    publicKey: () => keys().publicKey,
    privateKeyPem: () => keys().privatePem,
  };
}
