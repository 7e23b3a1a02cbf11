import { createEnvelopeBox } from '../../src/platform/envelope-box.ts';
import { openCarried, sealingAnswers } from '../../src/protocols/canonical/carry-reasoning.ts';
import type { Seals } from '../../src/protocols/canonical/envelope.ts';
import type { CanonicalRequest, Origin, ProtocolId } from '../../src/protocols/canonical/request.ts';
import type { UpstreamTranslation } from '../../src/protocols/wire-protocol.ts';

/** Envelopes as the relay makes them, for tests that put protocols together without it. */
const box = createEnvelopeBox(Buffer.alloc(32, 3));

function sealsOf(organization = 'org'): Seals {
  return {
    seal: (content) => box.seal(content, organization),
    open: (sealed) => box.open(sealed, organization),
  };
}

interface Half {
  readonly id: ProtocolId;
  readonly translation: UpstreamTranslation;
}

function originAt(protocol: ProtocolId, over: Partial<Origin> = {}): Origin {
  return { protocol, model: 'model-x', host: `${protocol}.test`, account: 'account', ...over };
}

/** The upstream's half as the relay uses it for a client of another protocol. */
export function carrying(
  upstream: Half,
  client: Half,
  origin: Origin = originAt(upstream.id),
): Omit<UpstreamTranslation, 'count'> {
  const options = { seals: sealsOf(), client: client.id, origin };
  const { count: _count, ...half } = sealingAnswers(upstream.translation, options);
  return half;
}

/** A history that came back from a client, as one upstream may see it. */
export function returned(
  request: CanonicalRequest,
  upstream: Half,
  over: Partial<Origin> = {},
): CanonicalRequest {
  const origin = originAt(upstream.id, over);
  return { ...openCarried(request, sealsOf(), origin).request, model: origin.model };
}
