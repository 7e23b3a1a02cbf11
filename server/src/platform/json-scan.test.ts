import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applySplices, JsonSyntaxError, readValue, scanJson } from './json-scan.ts';

const scan = (text: string, ...watch: string[]) => scanJson(Buffer.from(text), new Set(watch));

/** The same value written with random white space and escapes. */
const space = fc.constantFrom('', ' ', '\n', '\t\r\n  ');
function written(value: unknown, pick: (max: number) => number): string {
  const gap = () => ['', ' ', '\n', '\t\r '][pick(4)] ?? '';
  if (typeof value === 'string') return quoted(value, pick);
  if (Array.isArray(value))
    return `[${gap()}${value.map((item) => written(item, pick)).join(`${gap()},${gap()}`)}${gap()}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(
      ([key, item]) => `${quoted(key, pick)}${gap()}:${gap()}${written(item, pick)}`,
    );
    return `{${gap()}${fields.join(`${gap()},${gap()}`)}${gap()}}`;
  }
  return JSON.stringify(value);
}
function quoted(text: string, pick: (max: number) => number): string {
  let out = '';
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    out += pick(6) === 0 ? `\\u${unit.toString(16).padStart(4, '0')}` : JSON.stringify(text[at]).slice(1, -1);
  }
  return `"${out}"`;
}
function picker(seed: number): (max: number) => number {
  let state = seed >>> 0;
  return (max) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % max;
  };
}
const object = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 5 }), { maxKeys: 6 });

test('every top-level value span holds what JSON.parse finds under that key', () => {
  fc.assert(
    fc.property(object, fc.integer(), space, space, (value, seed, before, after) => {
      const text = before + written(value, picker(seed)) + after;
      const bytes = Buffer.from(text);
      const parsed = JSON.parse(text) as Record<string, unknown>;
      const { values } = scanJson(bytes);
      assert.deepEqual([...values.keys()].sort(), Object.keys(parsed).sort());
      for (const [key, span] of values) assert.deepEqual(readValue(bytes, span), parsed[key]);
    }),
    { numRuns: 400 },
  );
});

test('a body damaged at one byte is refused exactly when JSON.parse refuses it', () => {
  fc.assert(
    fc.property(
      object,
      fc.integer(),
      fc.nat(),
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"',
        '\\',
        'x',
        '0',
        '-',
        '1',
        '.',
        'e',
        '\n',
        '\u0001',
        ' ',
      ),
      (value, seed, place, put) => {
        const text = written(value, picker(seed)).replace(/\P{ASCII}/gu, 'n');
        const at = place % text.length;
        for (const damaged of [text.slice(0, at), text.slice(0, at) + put + text.slice(at + 1), text + put]) {
          assert.equal(
            accepts(() => scan(damaged)),
            accepts(() => onlyObjects(JSON.parse(damaged))),
            damaged,
          );
        }
      },
    ),
    { numRuns: 600 },
  );
});

function onlyObjects(value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SyntaxError('not an object');
}
function accepts(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    assert.ok(error instanceof SyntaxError || error instanceof JsonSyntaxError);
    return false;
  }
}

test('what is not JSON is refused with the byte where it stops being JSON', () => {
  const cases: [string, number][] = [
    ['{"a":NaN}', 5],
    ['{"a":01}', 6],
    ['{"a":1.}', 7],
    ['{"a":-}', 6],
    ['{"a":"\n"}', 6],
    ['{"a":"\\x"}', 6],
    ['{"a":"\\u12G4"}', 10],
    ['{"a":tru}', 8],
    ['{"a":1,}', 7],
    ['{"a":[1,]}', 8],
    ['{"a" 1}', 5],
    ['{"a":1', 6],
    ['{"a":"', 6],
    ['{} x', 3],
    ['[]', 0],
    ['', 0],
  ];
  for (const [text, position] of cases) {
    assert.throws(
      () => scan(text),
      (error) => error instanceof JsonSyntaxError && error.position === position,
      text,
    );
  }
});

test('bytes that are not UTF-8 are refused', () => {
  assert.throws(
    () => scanJson(Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d])),
    JsonSyntaxError,
  );
});

test('a key spelled with escapes is found under its real name and its repetition is told', () => {
  const found = scan('{"model":"a","mod\\u0065l":"b","stream":true}');
  assert.deepEqual(found.repeated, ['model']);
  assert.equal(found.values.get('model')?.start, 26);
});

test('nesting far beyond any request is refused without touching the stack', () => {
  const deep = `{"a":${'['.repeat(1_000_000)}`;
  assert.throws(() => scan(deep), /nested deeper than 512/);
  assert.ok(scan(`{"a":${'['.repeat(500)}${']'.repeat(500)}}`).values.has('a'));
});

test('watched keys are reported below the top level with their values and their top-level key', () => {
  const text =
    '{"type":"top","messages":[{"type":"image","source":{"ty\\u0070e":"base64"}}],"tools":[{"type":{}}]}';
  const { marks } = scan(text, 'type');
  assert.deepEqual(
    marks.map((mark) => [mark.topKey, mark.depth, text.slice(mark.start, mark.end)]),
    [
      ['messages', 3, '"image"'],
      ['messages', 4, '"base64"'],
      ['tools', 3, ''],
    ],
  );
});

test('non-ASCII bytes are counted and long strings are noted', () => {
  const found = scan(`{"a":"轻舟","b":"${'x'.repeat(2000)}"}`);
  assert.equal(found.nonAsciiBytes, 6);
  assert.deepEqual(found.longStrings, [{ start: 19, end: 2019 }]);
});

test('splices replace and insert without copying the body', () => {
  const body = Buffer.from('{"model":"a","n":1}');
  const parts = applySplices(body, [
    { start: 12, end: 12, bytes: Buffer.from(',"x":2') },
    { start: 9, end: 12, bytes: Buffer.from('"bb"') },
  ]);
  assert.equal(Buffer.concat(parts).toString(), '{"model":"bb","x":2,"n":1}');
  assert.equal(parts[0]?.buffer, body.buffer);
  assert.throws(
    () =>
      applySplices(body, [
        { start: 0, end: 5, bytes: body },
        { start: 3, end: 4, bytes: body },
      ]),
    RangeError,
  );
});

test('splicing at random places equals doing it on text', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 40 }),
      fc.nat(),
      fc.nat(),
      fc.string(),
      (text, from, size, put) => {
        const body = Buffer.from(text);
        const start = from % (body.length + 1);
        const end = Math.min(body.length, start + (size % 5));
        const spliced = Buffer.concat(applySplices(body, [{ start, end, bytes: Buffer.from(put) }]));
        assert.deepEqual(
          spliced,
          Buffer.concat([body.subarray(0, start), Buffer.from(put), body.subarray(end)]),
        );
      },
    ),
  );
});
