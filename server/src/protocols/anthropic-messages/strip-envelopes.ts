import type { Span } from '../../platform/json-scan.ts';
import { elementsOf, memberOf, stringAt } from '../../platform/json-spans.ts';
import { envelopeBytes } from '../canonical/envelope.ts';
import {
  cutMembers,
  hasEnvelopes,
  isEnvelopeAt,
  stripLists,
  typeAt,
  type StripEnvelopes,
} from '../strip-envelopes.ts';
import { foreignContent } from './hosted-tools.ts';

/**
 * What another provider's model gave, as this protocol's clients keep it: whole blocks of thinking, searches that this
 * provider did not run with their results, and citations of them.
 */
export const stripEnvelopes: StripEnvelopes = (body) => {
  const searches = foreignSearches(body);
  const marks = [envelopeBytes, ...[...searches].map((id) => Buffer.from(JSON.stringify(id)))];
  return stripLists(
    body,
    ['messages', 'content'],
    (block) => {
      const type = typeAt(body, block);
      if (type === 'thinking' || type === 'redacted_thinking') {
        return isEnvelopeAt(body, block, 'signature') || isEnvelopeAt(body, block, 'data') ? 'cut' : [];
      }
      if (type === 'text') return citesForeign(body, block) ? cutMembers(body, block, citations) : [];
      const key = type === 'server_tool_use' ? 'id' : 'tool_use_id';
      return searches.has(stringAt(body, memberOf(body, block, key)) ?? '') ? 'cut' : [];
    },
    marks,
  );
};

const citations = new Set(['citations']);
const foreignBytes = Buffer.from(JSON.stringify(foreignContent));

function citesForeign(body: Buffer, block: Span): boolean {
  const cited = memberOf(body, block, 'citations');
  return cited !== undefined && body.subarray(cited.start, cited.end).includes(foreignBytes);
}

/** Ids of searches whose results this provider did not encrypt. */
function foreignSearches(body: Buffer): ReadonlySet<string> {
  const ids = new Set<string>();
  if (!hasEnvelopes(body) || !body.includes(foreignBytes)) return ids;
  const messages = memberOf(body, { start: body.indexOf(0x7b), end: body.length }, 'messages');
  for (const message of messages === undefined ? [] : elementsOf(body, messages)) {
    const content = memberOf(body, message, 'content');
    for (const block of content === undefined ? [] : elementsOf(body, content)) {
      const isForeign = body.subarray(block.start, block.end).includes(foreignBytes);
      const id = isForeign ? stringAt(body, memberOf(body, block, 'tool_use_id')) : undefined;
      if (id !== undefined) ids.add(id);
    }
  }
  return ids;
}
