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
  /** Items of an answer are many, and named in every event: their ids get a short mark of the account at their end. */
  itemToClient(upstreamId: string, accountId: UpstreamAccountId): string;
  /** True for an id that was given to this organization for an item at this account. */
  isItemOf(id: string, accountId: UpstreamAccountId): boolean;
}

const form = /^[a-z]+_qz([\w-]+)$/;
const maxIdLength = 1024;
const itemMark = /_qz[\w-]{16}$/;

/** The id by which the upstream knows an item. */
export function upstreamItemId(id: string): string {
  return id.replace(itemMark, '');
}

export function keptIdsFor(box: EnvelopeBox, organizationId: OrganizationId): KeptIds {
  const place = `kept/${organizationId}`;
  // The nonce of a seal is a keyed hash of what is sealed: nobody else can make one for an account and an id.
  const markOf = (upstreamId: string, accountId: UpstreamAccountId): string =>
    box
      .seal(Buffer.from(`${accountId}\n${upstreamId}`), `item/${organizationId}`)
      .subarray(0, 12)
      .toString('base64url');
  const itemToClient = (upstreamId: string, accountId: UpstreamAccountId): string =>
    `${upstreamId}_qz${markOf(upstreamId, accountId)}`;
  return {
    itemToClient,
    isItemOf: (id, accountId) => itemToClient(upstreamItemId(id), accountId) === id,
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
