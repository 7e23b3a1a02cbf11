import { noUsage, type Usage } from '../../domain/usage.ts';
import type { CanonicalEvent, StopReason, UpstreamErrorEvent } from './events.ts';
import { defined } from './read-json.ts';
import type { Citation, Opaque, Origin, Part, ProtocolId } from './request.ts';
import { settleStop } from './stop.ts';

/** A whole answer, folded from its events. Reasoning, text and calls stay in the order in which they began. */
export interface CollectedAnswer {
  readonly id: string;
  readonly model: string;
  readonly protocol?: ProtocolId;
  readonly createdAtSeconds?: number;
  readonly parts: readonly Part[];
  readonly stop: StopReason;
  readonly sequence?: string;
  readonly usage: Usage;
  readonly error?: UpstreamErrorEvent;
}

/** One part while it grows. */
interface Draft {
  readonly kind: 'text' | 'reasoning' | 'refusal' | 'tool-call' | 'unknown';
  readonly pieces: string[];
  readonly citations: Citation[];
  readonly id: string;
  readonly name: string;
  opaque?: Opaque;
  envelope?: string;
  whole?: Part;
}

type Head = { id: string; model: string; protocol?: ProtocolId; createdAtSeconds?: number };

export function collect(events: readonly CanonicalEvent[]): CollectedAnswer {
  const drafts = new Map<number, Draft>();
  let head: Head = { id: '', model: '' };
  let usage = noUsage;
  let stop: { reason: StopReason; sequence?: string } = { reason: 'other' };
  let error: UpstreamErrorEvent | undefined;
  for (const event of events) {
    if (event.type === 'start') {
      const { type: _type, ...fields } = event;
      head = fields;
    } else if (event.type === 'usage') usage = event.usage;
    else if (event.type === 'stop') {
      const { type: _type, ...fields } = event;
      stop = fields;
    } else if (event.type === 'error') error ??= event.error;
    else if (event.type !== 'ping' && event.type !== 'end') addToDraft(drafts, event);
  }
  const parts = [...drafts.values()].flatMap((draft) => toParts(draft, head));
  const hasCalls = parts.some((part) => part.type === 'tool-call');
  return {
    ...head,
    parts,
    stop: settleStop(stop.reason, hasCalls),
    usage,
    ...(stop.sequence === undefined ? {} : { sequence: stop.sequence }),
    ...(error === undefined ? {} : { error }),
  };
}

type BlockEvent = Exclude<CanonicalEvent, { type: 'start' | 'usage' | 'stop' | 'error' | 'ping' | 'end' }>;

function addToDraft(drafts: Map<number, Draft>, event: BlockEvent): void {
  const open = (kind: Draft['kind'], id = '', name = ''): Draft => {
    const known = drafts.get(event.index);
    if (known !== undefined) return known;
    const draft: Draft = { kind, pieces: [], citations: [], id, name };
    drafts.set(event.index, draft);
    return draft;
  };
  switch (event.type) {
    case 'text-start':
      open('text');
      break;
    case 'text-delta':
      open('text').pieces.push(event.text);
      break;
    case 'text-citation':
      open('text').citations.push(event.citation);
      break;
    case 'reasoning-start':
      open('reasoning');
      break;
    case 'reasoning-delta':
      open('reasoning').pieces.push(event.text);
      break;
    case 'reasoning-end':
      carry(open('reasoning'), event);
      break;
    case 'refusal-delta':
      open('refusal').pieces.push(event.text);
      break;
    case 'tool-call-start':
      carry(open('tool-call', event.id, event.name), event);
      break;
    case 'tool-call-delta':
      drafts.get(event.index)?.pieces.push(event.argumentsText);
      break;
    case 'tool-call-end': {
      const draft = drafts.get(event.index);
      if (draft !== undefined) carry(draft, event);
      break;
    }
    case 'unknown-block':
      open('unknown').whole = {
        type: 'unknown',
        protocol: event.protocol,
        data: event.data,
        ...defined({ steps: event.steps }),
      };
      break;
    case 'text-end':
      break;
  }
}

/** What the origin alone can read, and its envelope for the client. */
function carry(draft: Draft, { opaque, envelope }: { opaque?: Opaque; envelope?: string }): void {
  if (opaque !== undefined) draft.opaque = opaque;
  if (envelope !== undefined) draft.envelope = envelope;
}

/** Blocks that never got anything are left out: no wire takes an empty text. */
function toParts(draft: Draft, head: Head): readonly Part[] {
  const text = draft.pieces.join('');
  const opaque = defined({ opaque: draft.opaque, envelope: draft.envelope });
  switch (draft.kind) {
    case 'text': {
      const citations = draft.citations.length === 0 ? {} : { citations: draft.citations };
      return text === '' && draft.citations.length === 0 ? [] : [{ type: 'text', text, ...citations }];
    }
    case 'reasoning':
      return text === '' && draft.opaque === undefined
        ? []
        : [{ type: 'reasoning', text, ...opaque, ...originOf(head) }];
    case 'refusal':
      return text === '' ? [] : [{ type: 'refusal', text }];
    case 'tool-call':
      return [{ type: 'tool-call', id: draft.id, name: draft.name, argumentsText: text, ...opaque }];
    case 'unknown':
      break;
  }
  return draft.whole === undefined ? [] : [draft.whole];
}

function originOf(head: Head): { readonly origin?: Origin } {
  return head.protocol === undefined ? {} : { origin: { protocol: head.protocol, model: head.model } };
}
