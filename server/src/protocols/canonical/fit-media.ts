import type { ModelAbilities } from '../../domain/model-abilities.ts';
import { createLossList, type LossList } from './losses.ts';
import type { CanonicalRequest, MediaPart, Part, TextPart, ToolResultPart, Turn } from './request.ts';
import type { Encoded } from '../wire-protocol.ts';

/**
 * Leaves out media that the model has no sense for, with a short note in its place: a conversation that once held an image
 * goes on with a model that cannot see. Where the latest user turn is nothing but such media, there is nothing to answer,
 * and the call is refused.
 */
export function fitMedia(request: CanonicalRequest): Encoded<CanonicalRequest> {
  const { accepts } = request;
  if (accepts === undefined || (accepts.vision && accepts.pdf && accepts.audioIn && accepts.videoIn)) {
    return { value: request, losses: [] };
  }
  const losses = createLossList();
  const lastUser = request.turns.findLastIndex((turn) => turn.role === 'user');
  const turns = request.turns.map((turn, index) =>
    fitTurn(turn, { accepts, losses, isLast: index === lastUser }),
  );
  const isSame = turns.every((turn, index) => turn === request.turns[index]);
  return { value: isSame ? request : { ...request, turns }, losses: losses.list() };
}

interface Fitting {
  readonly accepts: ModelAbilities;
  readonly losses: LossList;
  readonly isLast: boolean;
}

function fitTurn(turn: Turn, fitting: Fitting): Turn {
  if (!turn.parts.some((part) => isUnseen(part, fitting.accepts) || hasUnseen(part, fitting.accepts)))
    return turn;
  const isNothingElse = turn.parts.every((part) => isUnseen(part, fitting.accepts));
  fitting.losses.add(fitting.isLast && isNothingElse ? 'media_type_refused' : 'media_omitted');
  return { ...turn, parts: turn.parts.map((part) => fitPart(part, fitting.accepts)) };
}

function fitPart(part: Part, accepts: ModelAbilities): Part {
  if (isUnseen(part, accepts)) return noteFor(part);
  if (part.type !== 'tool-result') return part;
  return { ...part, parts: part.parts.map((inner) => (isUnseen(inner, accepts) ? noteFor(inner) : inner)) };
}

function hasUnseen(part: Part, accepts: ModelAbilities): part is ToolResultPart {
  return part.type === 'tool-result' && part.parts.some((inner) => isUnseen(inner, accepts));
}

/** Documents of plain text need no sense of their own. */
function isUnseen(part: Part, accepts: ModelAbilities): part is MediaPart {
  switch (part.type) {
    case 'image':
      return !accepts.vision;
    case 'document':
      return !accepts.pdf && part.source.type !== 'text' && part.mimeType?.startsWith('text/') !== true;
    case 'audio':
      return !accepts.audioIn;
    case 'video':
      return !accepts.videoIn;
    case 'text':
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
    case 'refusal':
    case 'unknown':
      break;
  }
  return false;
}

function noteFor({ type, filename }: MediaPart): TextPart {
  const what = filename === undefined ? type : `${type} "${filename}"`;
  return { type: 'text', text: `[${what} omitted: the model does not take it]` };
}
