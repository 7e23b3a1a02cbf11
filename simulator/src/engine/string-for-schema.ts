import type { SeededRandom } from './seeded-random.ts';
import type { JsonObject } from './simulated-call.ts';

const WORDS = ['harbour', 'lantern', 'north', 'paper', 'river', 'silver', 'stone', 'willow'];
const PLACES = ['Lisbon', 'Kyoto', 'Nairobi', 'Oslo', 'Suzhou', 'Valparaiso'];

const BY_FORMAT: Readonly<Record<string, (random: SeededRandom) => string>> = {
  'date-time': (random) =>
    `${date(random)}T${two(random, 0, 23)}:${two(random, 0, 59)}:${two(random, 0, 59)}Z`,
  date,
  time: (random) => `${two(random, 0, 23)}:${two(random, 0, 59)}:${two(random, 0, 59)}Z`,
  duration: (random) => `PT${random.between(1, 59)}M`,
  email: (random) => `${random.pick(WORDS)}@example.com`,
  hostname: (random) => `${random.pick(WORDS)}.example.com`,
  uri: (random) => `https://example.com/${random.pick(WORDS)}`,
  url: (random) => `https://example.com/${random.pick(WORDS)}`,
  ipv4: (random) => `192.0.2.${random.between(1, 254)}`,
  ipv6: (random) => `2001:db8::${random.between(1, 9999)}`,
  uuid: (random) =>
    `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-8${hex(random, 3)}-${hex(random, 12)}`,
};

/** A string of the schema's format, pattern and length. */
export function stringFor(schema: JsonObject, random: SeededRandom): string {
  const format = schema['format'];
  const byFormat = typeof format === 'string' ? BY_FORMAT[format] : undefined;
  if (byFormat !== undefined) return byFormat(random);
  if (typeof schema['pattern'] === 'string') return stringForPattern(schema['pattern'], random);
  const hint = JSON.stringify([schema['title'], schema['description']]).toLowerCase();
  const word = /city|location|place|where/.test(hint) ? random.pick(PLACES) : random.pick(WORDS);
  return fit(
    word,
    lengthAt(schema, 'minLength') ?? 0,
    lengthAt(schema, 'maxLength') ?? Number.POSITIVE_INFINITY,
  );
}

function fit(word: string, least: number, most: number): string {
  let text = word;
  while (text.length < least) text += ` ${word}`;
  const wanted = Math.min(most, Math.max(least, word.length));
  return text.slice(0, wanted);
}

/** Simple patterns: literals, classes, groups of alternatives, `\d \w \s .` and counts. Checked against the pattern. */
function stringForPattern(pattern: string, random: SeededRandom): string {
  const written = writeAlternatives(pattern.replace(/^\^/, '').replace(/\$$/, ''), random);
  const candidates = [written, 'abc', 'ABC', '1', 'a1', '2026-01-01'];
  return candidates.find((candidate) => matches(pattern, candidate)) ?? written;
}

function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    return false;
  }
}

function writeAlternatives(pattern: string, random: SeededRandom): string {
  return writeSequence(random.pick(splitAtTop(pattern)), random);
}

const ATOM =
  /^(?:\\(?<escaped>.)|\[(?<negated>\^?)(?<members>(?:\\.|[^\]\\])+)\]|(?<any>\.)|(?<literal>[^()]))/u;
const COUNT = /^(?:\{(?<least>\d+)(?<open>,?)(?<most>\d*)\}|(?<mark>[*+?]))\??/;

function writeSequence(pattern: string, random: SeededRandom): string {
  let rest = pattern;
  let written = '';
  while (rest !== '') {
    let atom: () => string;
    if (rest.startsWith('(')) {
      const end = closingParenthesis(rest);
      const inner = rest.slice(1, end).replace(/^\?(?::|<\w+>)/, '');
      atom = () => writeAlternatives(inner, random);
      rest = rest.slice(end + 1);
    } else {
      const match = ATOM.exec(rest);
      if (match === null) return written;
      atom = () => writeAtom(match.groups ?? {}, random);
      rest = rest.slice(match[0].length);
    }
    const count = COUNT.exec(rest);
    rest = rest.slice(count?.[0].length ?? 0);
    for (let left = timesOf(count?.groups, random); left > 0; left -= 1) written += atom();
  }
  return written;
}

type Groups = Readonly<Record<string, string | undefined>>;

function timesOf(count: Groups | undefined, random: SeededRandom): number {
  if (count === undefined) return 1;
  if (count['mark'] !== undefined) return count['mark'] === '?' ? random.between(0, 1) : random.between(1, 4);
  const least = Number(count['least']);
  if (count['open'] === '') return least;
  const most = count['most'] === '' || count['most'] === undefined ? least + 3 : Number(count['most']);
  return random.between(least, Math.min(most, least + 8));
}

function writeAtom(groups: Groups, random: SeededRandom): string {
  if (groups['literal'] !== undefined) return /[$^]/.test(groups['literal']) ? '' : groups['literal'];
  if (groups['any'] !== undefined) return 'a';
  if (groups['escaped'] !== undefined) return escapedCharacter(groups['escaped'], random);
  const members = membersOf(groups['members'] ?? '');
  if (groups['negated'] === '^') {
    return random.pick('abcxyz019_-'.split('').filter((character) => !members.includes(character)));
  }
  return random.pick(members);
}

function escapedCharacter(letter: string, random: SeededRandom): string {
  if (letter === 'd') return String(random.between(0, 9));
  if (letter === 'w') return random.pick('abcdefgh'.split(''));
  if (letter === 's') return ' ';
  if (letter === 'b') return '';
  return letter;
}

function membersOf(members: string): readonly string[] {
  const found: string[] = [];
  for (const [item, from, to, escape, single] of members.matchAll(/([^\\])-([^\\\]])|\\(.)|(.)/gsu)) {
    if (from !== undefined && to !== undefined) {
      for (let code = from.charCodeAt(0); code <= to.charCodeAt(0); code += 1)
        found.push(String.fromCharCode(code));
    } else if (escape === 'd') found.push(...'0123456789'.split(''));
    else if (escape === 'w') found.push(...'abcdefgh_019'.split(''));
    else found.push(escape ?? single ?? item);
  }
  return found.length > 0 ? found : ['a'];
}

function splitAtTop(pattern: string): readonly string[] {
  const parts: string[] = [''];
  let depth = 0;
  let isInClass = false;
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index] ?? '';
    if (character === '\\') {
      parts.push(`${parts.pop() ?? ''}${character}${pattern[index + 1] ?? ''}`);
      index += 1;
      continue;
    }
    if (character === '[') isInClass = true;
    if (character === ']') isInClass = false;
    if (!isInClass && character === '(') depth += 1;
    if (!isInClass && character === ')') depth -= 1;
    if (character === '|' && depth === 0 && !isInClass) parts.push('');
    else parts.push(`${parts.pop() ?? ''}${character}`);
  }
  return parts;
}

function closingParenthesis(pattern: string): number {
  let depth = 0;
  for (let index = 0; index < pattern.length; index += 1) {
    if (pattern[index] === '\\') index += 1;
    else if (pattern[index] === '(') depth += 1;
    else if (pattern[index] === ')') depth -= 1;
    if (depth === 0) return index;
  }
  return pattern.length;
}

function lengthAt(schema: JsonObject, name: string): number | undefined {
  const value = schema[name];
  return value === undefined || Number.isNaN(Number(value)) ? undefined : Number(value);
}

function date(random: SeededRandom): string {
  return `20${two(random, 20, 30)}-${two(random, 1, 12)}-${two(random, 1, 28)}`;
}

function two(random: SeededRandom, low: number, high: number): string {
  return String(random.between(low, high)).padStart(2, '0');
}

function hex(random: SeededRandom, length: number): string {
  return Array.from({ length }, () => random.between(0, 15).toString(16)).join('');
}
