import type { OrganizationId, UpstreamAccountId } from '../domain/ids.ts';
import type { EnvelopeBox } from '../platform/envelope-box.ts';

/** What an upstream account keeps of an answer: where it is, and under which id. */
export interface KeptPlace {
  readonly accountId: UpstreamAccountId;
  /** Offered model of the call that made it. */
  readonly model: string;
  /** Under which the account knows it. */
  readonly upstreamId: string;
}

/**
 * Ids that clients are given for what an account keeps. They say themselves where it is, sealed for their organization, so
 * that nothing is kept here and no other organization can use them.
 */
export interface KeptIds {
  toClient(place: KeptPlace): string;
  /** `undefined` for an id that was not given to this organization. */
  open(id: string): KeptPlace | undefined;
}

const form = /^[a-z]+_qz([\w-]+)$/;
const maxIdLength = 1024;

export function keptIdsFor(box: EnvelopeBox, organizationId: OrganizationId): KeptIds {
  const place = `kept/${organizationId}`;
  return {
    toClient({ accountId, model, upstreamId }) {
      const sealed = box.seal(Buffer.from(`${accountId}\n${model}\n${upstreamId}`), place);
      return `${upstreamId.slice(0, upstreamId.indexOf('_') + 1)}qz${sealed.toString('base64url')}`;
    },
    open(id) {
      const sealed = id.length > maxIdLength ? undefined : form.exec(id)?.[1];
      if (sealed === undefined) return undefined;
      const [accountId, model, upstreamId] =
        box.open(Buffer.from(sealed, 'base64url'), place)?.toString('utf8').split('\n') ?? [];
      if (accountId === undefined || model === undefined || upstreamId === undefined) return undefined;
      return { accountId: accountId as UpstreamAccountId, model, upstreamId };
    },
  };
}
