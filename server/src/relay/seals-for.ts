import type { OrganizationId } from '../domain/ids.ts';
import type { EnvelopeBox } from '../platform/envelope-box.ts';
import type { Seals } from '../protocols/canonical/envelope.ts';

/** Seals of one organization: what one organization was given to carry does not open for another. */
export function sealsFor(box: EnvelopeBox, organizationId: OrganizationId): Seals {
  const place = `carried/${organizationId}`;
  return {
    seal: (content) => box.seal(content, place),
    open: (sealed) => box.open(sealed, place),
  };
}
