import type { HostedAbility, HostedOffer, HostedStep, SimulatedCitation } from '../../engine/hosted-tools.ts';
import type { Json, JsonObject } from '../../engine/simulated-call.ts';
import { isArray, isObject, objectsOf, textOr } from '../shape.ts';

/** Web search and code execution as this wire declares and tells them. */
const abilities: readonly (readonly [RegExp, HostedAbility])[] = [
  [/^web_search_\d+$/, 'search'],
  [/^code_execution_\d+$/, 'code'],
];

export function hostedOffer(body: JsonObject): { readonly hosted?: HostedOffer } {
  const offered = objectsOf(body['tools']).flatMap((tool) => {
    const ability = abilities.find(([form]) => form.test(textOr(tool['type'])))?.[1];
    return ability === undefined ? [] : [{ ability, tool }];
  });
  if (offered.length === 0) return {};
  const choice = isObject(body['tool_choice']) ? body['tool_choice'] : {};
  const forced = offered.find(({ tool }) => choice['type'] === 'tool' && tool['name'] === choice['name']);
  const search = offered.find(({ ability }) => ability === 'search')?.tool ?? {};
  return {
    hosted: {
      abilities: offered.map(({ ability }) => ability),
      allowedDomains: textsOf(search['allowed_domains']),
      blockedDomains: textsOf(search['blocked_domains']),
      ...(forced === undefined ? {} : { forced: forced.ability }),
    },
  };
}

function textsOf(value: Json | undefined): readonly string[] {
  return isArray(value) ? value.map((item) => textOr(item)) : [];
}

/** Content only this provider can read back, bound to what it was made for. */
export interface Encryption {
  seal(about: string): string;
  isOwn(sealed: string): boolean;
}

const scope = 'anthropic-encrypted-content';

export function encryptionOf(exchange: {
  sign(text: string, model: string): string;
  isOwnSignature(signature: string, text: string, model: string): boolean;
}): Encryption {
  return {
    seal: (about) => Buffer.from(JSON.stringify([exchange.sign(about, scope), about])).toString('base64'),
    isOwn(sealed) {
      try {
        const parts = JSON.parse(Buffer.from(sealed, 'base64').toString()) as Json;
        const [signature, about] = isArray(parts) ? parts : [];
        return exchange.isOwnSignature(textOr(signature), textOr(about), scope);
      } catch {
        return false;
      }
    },
  };
}

/** A step as the two blocks that tell it. */
export function stepBlocks(step: HostedStep, encryption: Encryption): readonly JsonObject[] {
  const id = `srvtoolu_01${step.id}`;
  const caller = { type: 'direct' };
  if (step.type === 'search') {
    const content = step.pages.map(({ url, title, text }) => ({
      type: 'web_search_result',
      url,
      title,
      encrypted_content: encryption.seal(`${url}\n${text}`),
      page_age: null,
    }));
    return [
      { type: 'server_tool_use', id, name: 'web_search', input: { query: step.query }, caller },
      { type: 'web_search_tool_result', tool_use_id: id, content, caller },
    ];
  }
  const content = {
    type: 'bash_code_execution_result',
    stdout: step.isError ? '' : step.output,
    stderr: step.isError ? step.output : '',
    return_code: step.isError ? 1 : 0,
    content: [],
  };
  return [
    {
      type: 'server_tool_use',
      id,
      name: 'bash_code_execution',
      input: { command: step.code },
      caller,
    },
    { type: 'bash_code_execution_tool_result', tool_use_id: id, content },
  ];
}

/** A cited text comes in pieces: each sentence with its source is a block of its own, what follows it another. */
export function citedBlocks(
  text: string,
  citations: readonly SimulatedCitation[],
  encryption: Encryption,
): readonly JsonObject[] {
  if (citations.length === 0) return [{ type: 'text', text, citations: null }];
  const blocks: JsonObject[] = [];
  const plain = (piece: string): void => {
    if (piece !== '') blocks.push({ type: 'text', text: piece, citations: null });
  };
  let at = 0;
  for (const { start, end, page } of citations) {
    const next = citations.find((other) => other.start >= end)?.start ?? text.length;
    const gap = text.slice(end, next);
    // No block is of white space alone.
    const to = gap.trim() === '' ? next : end;
    plain(text.slice(at, start));
    const location = {
      type: 'web_search_result_location',
      cited_text: page.text,
      url: page.url,
      title: page.title,
      encrypted_index: encryption.seal(`${page.url}\n${start}`),
    };
    blocks.push({ type: 'text', text: text.slice(start, to), citations: [location] });
    at = to;
  }
  plain(text.slice(at));
  return blocks;
}
