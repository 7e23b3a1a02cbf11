import type { TextPart } from './request.ts';

/** A pseudo header that one client sends as its first system text; it changes with every build and means nothing elsewhere. */
const pseudoHeader = /^x-[a-z-]+-header:/;

/** The system texts that speak to any model: not the blank ones, and no pseudo header meant for the client's own provider. */
export function spokenTexts(system: readonly TextPart[]): readonly TextPart[] {
  return system.filter(({ text }) => text.trim() !== '' && !pseudoHeader.test(text));
}
