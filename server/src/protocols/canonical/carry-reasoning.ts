import { openReasoning, openText, sealReasoning, summaryText, type Carried, type Seals } from './envelope.ts';
import type { CanonicalEvent } from './events.ts';
import { createLossList, type LossList } from './losses.ts';
import type { CanonicalRequest, Opaque, Origin, Part, ProtocolId, Turn } from './request.ts';
import type { Loss, UpstreamTranslation } from '../wire-protocol.ts';

/**
 * Reasoning on its way through a client that cannot read it: sealed into envelopes on the way out, opened on the way back
 * in, and given to its origin alone. The codecs only know where on their wire an envelope stands.
 */
interface CarryOptions {
  readonly seals: Seals;
  /** Protocol of the client. */
  readonly client: ProtocolId;
  /** Who answers: its protocol, the model it was asked for, whose service and which account. */
  readonly origin: Origin;
}

/** The upstream's half, whose answers carry their reasoning in envelopes wherever the client speaks another protocol. */
export function sealingAnswers(upstream: UpstreamTranslation, options: CarryOptions): UpstreamTranslation {
  if (options.client === options.origin.protocol) return upstream;
  return {
    ...upstream,
    createDecoder(request) {
      const decoder = upstream.createDecoder(request);
      const seal = createSealer(options);
      return {
        push: (eventName, data) => sealAll(decoder.push(eventName, data), seal),
        finish: () => sealAll(decoder.finish(), seal),
      };
    },
    decodeUnary: (body, request) => sealAll(upstream.decodeUnary(body, request), createSealer(options)),
  };
}

type Sealer = (event: CanonicalEvent) => CanonicalEvent;

function sealAll(events: readonly CanonicalEvent[], seal: Sealer): readonly CanonicalEvent[] {
  return events.map(seal);
}

function createSealer({ seals, origin }: CarryOptions): Sealer {
  let textLength = 0;
  const sealed = (opaque: Opaque | undefined): string =>
    sealReasoning(seals, { origin, textLength, ...(opaque === undefined ? {} : { opaque }) });
  return (event) => {
    switch (event.type) {
      case 'reasoning-start':
        textLength = 0;
        return event;
      case 'reasoning-delta':
        textLength += event.text.length;
        return event;
      case 'reasoning-end': {
        const isEmpty = textLength === 0 && event.opaque === undefined;
        const envelope = isEmpty ? undefined : sealed(event.opaque);
        textLength = 0;
        return envelope === undefined ? event : { ...event, envelope };
      }
      case 'tool-call-start':
      case 'tool-call-end':
        return event.opaque === undefined ? event : { ...event, envelope: sealed(event.opaque) };
      case 'start':
      case 'text-start':
      case 'text-delta':
      case 'text-citation':
      case 'text-end':
      case 'refusal-delta':
      case 'tool-call-delta':
      case 'unknown-block':
      case 'usage':
      case 'stop':
      case 'ping':
      case 'error':
      case 'end':
        break;
    }
    return event;
  };
}

interface OpenedRequest {
  readonly request: CanonicalRequest;
  readonly losses: readonly Loss[];
}

/**
 * Opens every envelope of a history. What belongs to another origin than `upstream` is left out: no provider takes the
 * reasoning of another, and a model imitates what it is shown. What does not open is left out and named.
 */
export function openCarried(request: CanonicalRequest, seals: Seals, upstream: Origin): OpenedRequest {
  if (!request.turns.some(({ parts }) => parts.some(hasEnvelope))) return { request, losses: [] };
  const losses = createLossList();
  const open = (envelope: string): Carried | undefined => {
    const carried = openReasoning(seals, envelope);
    if (carried === undefined) losses.add('reasoning_envelope_dropped');
    return carried;
  };
  const turns = request.turns.map((turn): Turn => {
    if (!turn.parts.some(hasEnvelope)) return turn;
    const parts = turn.parts.map((part) => openPart(openSummary(part, seals, losses), open));
    return { ...turn, parts: splitTexts(parts, upstream) };
  });
  return { request: { ...request, turns }, losses: losses.list() };
}

function hasEnvelope(part: Part): boolean {
  const canCarry = part.type === 'reasoning' || part.type === 'tool-call' || part.type === 'unknown';
  return canCarry && part.envelope !== undefined;
}

/** The words that stand for a history that was summed up; without them nothing of it would be left. */
function openSummary(part: Part, seals: Seals, losses: LossList): Part {
  if (part.type !== 'unknown' || part.envelope === undefined) return part;
  const summary = openText(seals, part.envelope);
  if (summary === undefined) losses.add('compaction_refused');
  return { type: 'text', text: summaryText(summary ?? '') };
}

/** A part whose envelope is open; `carried` is what it held. */
interface OpenPart {
  readonly part: Part;
  readonly carried?: Carried | 'broken';
}

function openPart(part: Part, open: (envelope: string) => Carried | undefined): OpenPart {
  if ((part.type !== 'reasoning' && part.type !== 'tool-call') || part.envelope === undefined)
    return { part };
  const { envelope, ...rest } = part;
  return { part: rest, carried: open(envelope) ?? 'broken' };
}

/**
 * Gives each part what its envelope held. A client that keeps all reasoning of a turn as one text has it on the first of
 * the parts; the envelopes know how much of it is whose.
 */
function splitTexts(parts: readonly OpenPart[], upstream: Origin): readonly Part[] {
  const given: Part[] = [];
  let rest = '';
  for (const [at, { part, carried }] of parts.entries()) {
    if (part.type === 'tool-call') {
      const opaque = carried === undefined || carried === 'broken' ? undefined : carried.opaque;
      given.push(opaque === undefined || !mayReturn(opaque, upstream) ? part : { ...part, opaque });
      continue;
    }
    if (part.type !== 'reasoning' || carried === undefined) {
      given.push(part);
      continue;
    }
    const isShared = parts[at + 1]?.part.type === 'reasoning' && isWordless(parts[at + 1]);
    let { text } = part;
    if (text === '' && rest !== '' && carried !== 'broken') {
      text = rest.slice(0, carried.textLength);
      rest = rest.slice(text.length);
    } else if (isShared && carried !== 'broken' && text.length > carried.textLength) {
      rest = text.slice(carried.textLength);
      text = text.slice(0, carried.textLength);
    }
    const returned = carried === 'broken' ? undefined : returnedReasoning(text, carried, upstream);
    if (returned !== undefined) given.push(returned);
  }
  return given;
}

function isWordless(open: OpenPart | undefined): boolean {
  return open?.part.type === 'reasoning' && open.part.text === '' && open.carried !== undefined;
}

function returnedReasoning(text: string, carried: Carried, upstream: Origin): Part | undefined {
  const { origin, opaque, textLength } = carried;
  if (origin.protocol !== upstream.protocol || origin.host !== upstream.host) return undefined;
  if (opaque === undefined) return { type: 'reasoning', text, origin };
  // A signature covers its text to the letter.
  const isWhole = opaque.kind !== 'signature' || text.length === textLength;
  return isWhole && mayReturn(opaque, upstream) ? { type: 'reasoning', text, origin, opaque } : undefined;
}

/** What each kind of value is bound to by those who give it, beyond the service itself. */
function mayReturn({ kind, origin }: Opaque, upstream: Origin): boolean {
  if (origin.protocol !== upstream.protocol || origin.host !== upstream.host) return false;
  switch (kind) {
    case 'signature':
    case 'redacted':
      return origin.model === upstream.model;
    case 'encrypted':
      return origin.account === upstream.account;
    case 'thought-signature':
      break;
  }
  return true;
}
