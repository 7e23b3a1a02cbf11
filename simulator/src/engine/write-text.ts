import type { SeededRandom } from './seeded-random.ts';
import { tokenize } from './tokenizer.ts';

const SUBJECTS = [
  'The boat',
  'A quiet river',
  'The early train',
  'Every map',
  'The lighthouse',
  'Our neighbour',
  'The old library',
];
const VERBS = ['carries', 'remembers', 'crosses', 'explains', 'follows', 'measures', 'repairs'];
const OBJECTS = [
  'the far shore',
  'a list of names',
  'the morning fog',
  'three short letters',
  'the price of bread',
  'a hidden door',
  'the long way home',
];
const ENDINGS = [
  'before noon',
  'without a sound',
  'for the second time',
  'as the tables show',
  'in every season',
  'where nobody looks',
];

/** A few plain sentences, the same for the same random source. */
export function writeText(random: SeededRandom): string {
  const count = random.between(2, 5);
  return Array.from({ length: count }, () => writeSentence(random)).join(' ');
}

export function writeSentence(random: SeededRandom): string {
  return `${random.pick(SUBJECTS)} ${random.pick(VERBS)} ${random.pick(OBJECTS)} ${random.pick(ENDINGS)}.`;
}

/** Text of exactly `count` tokens. */
export function writeTokens(random: SeededRandom, count: number): string {
  const written: string[] = [];
  while (written.length < count) {
    const lead = written.length === 0 ? '' : ' ';
    written.push(...tokenize(`${lead}${writeSentence(random)}`));
  }
  return written.slice(0, count).join('');
}
