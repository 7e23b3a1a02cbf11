/**
 * Where a run of plain characters in a JSON string ends, found sixteen bytes at a time. Strings are most of every body,
 * and a loop over single bytes spends more on them than the relay on the rest of the call. The language has no vectors,
 * WebAssembly has; so the inner loop is assembled here. Only positions come out of it, never bytes.
 */
const i32 = 0x7f;
const v128 = 0x7b;

/** Locals of the function. */
const at = 0;
const bytes = 1;
const stops = 2;

const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const tee = (local: number): number[] => [0x22, local];
/** Signed LEB128 of one or two bytes. */
const leb = (value: number): number[] => (value < 64 ? [value & 0x7f] : [(value & 0x7f) | 0x80, value >> 7]);
const constant = (value: number): number[] => [0x41, ...leb(value)];
const sixteen = (byte: number): number[] => [...constant(byte), 0xfd, 0x0f];
const again = [0x03, 0x40];
const ifZero = [0x45, 0x0d, 0x00];
const end = [0x0b];
const getWide = [0x23, 0x00];
const setWide = [0x24, 0x00];
const trailingZeros = [0x68];
const countOnes = [0x69];
const add = [0x6a];
const subtract = [0x6b];
const and = [0x71];
const loadSixteen = [0xfd, 0x00, 0x00, 0x00];
const equal = [0xfd, 0x23];
const below = [0xfd, 0x26];
const or = [0xfd, 0x50];
const topBits = [0xfd, 0x64];

/**
 * `runEnd(at)`: the address of the next quote, backslash or control character; there must be one. Adds to `wide` how many
 * bytes before it are no ASCII: a byte that stops is ASCII, so `stops - 1` is a mask for those before the first.
 */
const runEnd: readonly number[] = [
  again,
  [...get(at), ...loadSixteen, ...tee(bytes), ...sixteen(0x22), ...equal],
  [...get(bytes), ...sixteen(0x5c), ...equal, ...or],
  [...get(bytes), ...sixteen(0x20), ...below, ...or],
  [...topBits, ...set(stops)],
  [...get(bytes), ...topBits, ...get(stops), ...constant(1), ...subtract, ...and, ...countOnes],
  [...getWide, ...add, ...setWide],
  [...get(at), ...constant(16), ...add, ...set(at)],
  [...get(stops), ...ifZero, ...end],
  [...get(at), ...constant(-16), ...add, ...get(stops), ...trailingZeros, ...add, ...end],
].flat();

const pages = 2;
const sized = (part: readonly number[]): number[] => [...leb(part.length), ...part];
const named = (name: string, ...what: readonly number[]): number[] => [
  ...sized([...Buffer.from(name)]),
  ...what,
];

const program = Uint8Array.from(
  [
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    [1, ...sized([1, 0x60, 1, i32, 1, i32])], // one type: i32 to i32
    [3, ...sized([1, 0])], // one function of it
    [5, ...sized([1, 1, pages, pages])], // its memory
    [6, ...sized([1, i32, 1, ...constant(0), ...end])], // a global that changes
    [7, ...sized([3, ...named('runEnd', 0, 0), ...named('memory', 2, 0), ...named('wide', 3, 0)])],
    [10, ...sized([1, ...sized([2, 1, v128, 1, i32, ...runEnd])])],
  ].flat(),
);

/** As much of the runtime's as is used here; the type libraries in force do not have it. */
declare const WebAssembly: {
  readonly Module: new (program: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

interface Machine {
  readonly runEnd: (at: number) => number;
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly wide: { value: number };
}

const machine = new WebAssembly.Instance(new WebAssembly.Module(program)).exports as Machine;
const memory = new Uint8Array(machine.memory.buffer);
const machineEnd = machine.runEnd;
/** What is looked at at once; sixteen bytes are read from any place before its end. */
const windowBytes = pages * 65_536 - 32;

/** One body at a time: what is in the machine's memory is [windowStart, windowEnd) of it. */
let windowStart = 0;
let windowEnd = 0;

function load(body: Uint8Array, from: number): void {
  windowStart = from;
  windowEnd = Math.min(body.length, from + windowBytes);
  memory.set(windowEnd - from === body.length ? body : body.subarray(from, windowEnd));
  memory[windowEnd - from] = 0x22;
}

/** To be called first for every body. */
export function beginRuns(body: Uint8Array): void {
  machine.wide.value = 0;
  load(body, 0);
}

/** Bytes of 0x80 and above in all runs of this body. */
export function wideBytes(): number {
  return machine.wide.value;
}

/**
 * The first quote, backslash or control character from `from` on, or the end of the body. Places asked for must not go
 * back.
 */
export function plainRunEnd(body: Uint8Array, from: number): number {
  let found = from;
  for (;;) {
    if (found >= windowEnd) {
      if (found >= body.length) return body.length;
      load(body, found);
    }
    found = windowStart + machineEnd(found - windowStart);
    if (found < windowEnd) return found;
  }
}
