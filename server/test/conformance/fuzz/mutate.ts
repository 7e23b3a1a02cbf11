import type { Json, JsonObject } from '../../../src/protocols/canonical/request.ts';
import type { Random } from './random.ts';

/** Values that servers and clients have sent where others were documented, and some that nobody has. */
const oddValues: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  0.5,
  1e308,
  2 ** 60,
  '',
  ' ',
  '\u0000',
  '\ud800',
  '🛶'.repeat(50),
  '{"a":',
  'x'.repeat(5_000),
  '__proto__',
  'constructor',
  'toString',
  'data: [DONE]\n\n',
  [],
  {},
  [[]],
  [null],
  [{}],
  { type: 'unknown_type' },
  { type: 'text' },
  { error: { message: 'broken', code: 500 } },
];

/** A few of the values in a JSON document made odd, left out, doubled or swapped. */
export function mutateJson(value: Json, random: Random): Json {
  let mutated = value;
  for (let left = 1 + random.below(3); left > 0; left -= 1) mutated = mutateOnce(mutated, random, 0);
  return mutated;
}

function mutateOnce(value: Json, random: Random, depth: number): Json {
  const isLeaf = typeof value !== 'object' || value === null;
  if (isLeaf || (depth > 0 && random.chance(5))) return random.pick(oddValues);
  if (Array.isArray(value)) return mutateList(value as readonly Json[], random, depth);
  return mutateObject(value as JsonObject, random, depth);
}

function mutateList(list: readonly Json[], random: Random, depth: number): Json {
  if (list.length === 0) return [random.pick(oddValues)];
  const at = random.below(list.length);
  const item = list[at] ?? null;
  const changed = [...list];
  switch (random.below(6)) {
    case 0:
      changed.splice(at, 1);
      break;
    case 1:
      changed.splice(at, 0, item);
      break;
    case 2:
      changed.push(...changed.splice(0, at));
      break;
    default:
      changed[at] = mutateOnce(item, random, depth + 1);
  }
  return changed;
}

function mutateObject(object: JsonObject, random: Random, depth: number): Json {
  const names = Object.keys(object);
  if (names.length === 0) return { odd: random.pick(oddValues) };
  const name = random.pick(names);
  const { [name]: value = null, ...rest } = object;
  switch (random.below(7)) {
    case 0:
      return rest;
    case 1:
      return { ...rest, [random.pick(names)]: value };
    case 2:
      return { ...object, [`${name}_new`]: value };
    default:
      return { ...object, [name]: mutateOnce(value, random, depth + 1) };
  }
}

/** A stream with frames lost, doubled, swapped, changed inside, or bytes broken anywhere. */
export function mutateStream(bytes: Buffer, random: Random): Buffer {
  if (random.chance(3)) return mutateBytes(bytes, random);
  const frames = bytes.toString('utf8').split(/(?<=\r?\n\r?\n)/);
  for (let left = 1 + random.below(3); left > 0; left -= 1) mutateFrames(frames, random);
  return Buffer.from(frames.join(''));
}

function mutateFrames(frames: string[], random: Random): void {
  const at = random.below(frames.length);
  const frame = frames[at] ?? '';
  switch (random.below(7)) {
    case 0:
      frames.splice(at, 1);
      break;
    case 1:
      frames.splice(random.below(frames.length), 0, frame);
      break;
    case 2:
      frames.splice(at, frames.length - at);
      break;
    case 3:
      frames.push(...frames.splice(at, 1));
      break;
    default:
      frames[at] = mutateFrame(frame, random);
  }
  if (frames.length === 0) frames.push('');
}

function mutateFrame(frame: string, random: Random): string {
  const match = /^([\s\S]*?data: ?)(\{.*\})([\s\S]*)$/.exec(frame);
  if (match === null) return frame.slice(0, random.below(frame.length + 1));
  const [, before = '', data = '', after = ''] = match;
  try {
    return before + JSON.stringify(mutateJson(JSON.parse(data) as Json, random)) + after;
  } catch {
    return before + after;
  }
}

/** Bytes flipped, cut out, doubled or strange. */
export function mutateBytes(bytes: Buffer, random: Random): Buffer {
  const from = random.below(bytes.length + 1);
  const length = random.below(Math.min(400, bytes.length - from + 1));
  const [before, middle, after] = [
    bytes.subarray(0, from),
    bytes.subarray(from, from + length),
    bytes.subarray(from + length),
  ];
  switch (random.below(6)) {
    case 0:
      return Buffer.concat([before, after]);
    case 1:
      return Buffer.concat([before, middle, middle, after]);
    case 2:
      return Buffer.from(before);
    case 3:
      return Buffer.concat([before, Buffer.from([random.below(256), 0xff, 0xed, 0xa0, 0x80]), after]);
    case 4:
      return Buffer.concat([before, Buffer.from('\n\n'), middle, after]);
    default: {
      const flipped = Buffer.from(bytes);
      for (let left = 1 + random.below(4); left > 0 && flipped.length > 0; left -= 1) {
        flipped[random.below(flipped.length)] = random.below(256);
      }
      return flipped;
    }
  }
}

/** Random pieces of it, as a socket might give them. */
export function piecesOf(bytes: Buffer, random: Random): readonly Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const size = 1 + random.below(random.chance(3) ? 40 : 4_000);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
