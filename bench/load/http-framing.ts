/**
 * Just enough HTTP/1.1 to find where a message ends: by content-length, by the last chunk, or by the close.
 * Used by the load generator (answers) and by the mock upstream (requests); it keeps no body and decodes nothing.
 */

interface MessageEvents {
  onHead(head: string): void;
  onBody(view: Buffer): void;
  onEnd(): void;
}

export interface MessageReader {
  push(view: Buffer): void;
  /** The peer closed. True when that was a correct place to stop. */
  close(): boolean;
}

export class FramingError extends Error {}

type Phase = 'head' | 'counted' | 'chunk-size' | 'chunk-data' | 'chunk-end' | 'trailer' | 'until-close';

const MAX_HEAD_BYTES = 64 * 1024;
const EMPTY = Buffer.alloc(0);
const HEAD_END = '\r\n\r\n';

interface ReaderState {
  phase: Phase;
  /** Bytes of an unfinished head. */
  pending: Buffer;
  /** Bytes left of the counted body or of the present chunk. */
  left: number;
  /** Digits of the chunk size, or characters of the present trailer line. */
  line: string;
}

function headerValue(head: string, name: string): string | null {
  const match = new RegExp(`\\r\\n${name}: *([^\\r]*)`, 'i').exec(head);
  return match?.[1]?.trim() ?? null;
}

export function isKeptAlive(head: string): boolean {
  return !/\r\nconnection: *close/i.test(head);
}

export function statusOf(head: string): number {
  const status = Number(head.slice(9, 12));
  if (!head.startsWith('HTTP/1.') || !Number.isInteger(status))
    throw new FramingError('not an HTTP/1 answer');
  return status;
}

export function isEventStream(head: string): boolean {
  return /\r\ncontent-type: *text\/event-stream/i.test(head);
}

const LENGTH = /\r\ncontent-length: *(\d+)/i;

function bodyPhase(head: string, kind: 'request' | 'response'): { phase: Phase; left: number } {
  const length = LENGTH.exec(head)?.[1];
  if (length !== undefined) return { phase: 'counted', left: Number(length) };
  const coding = headerValue(head, 'transfer-encoding');
  if (coding !== null) {
    if (coding.toLowerCase() !== 'chunked') throw new FramingError(`unknown transfer-encoding ${coding}`);
    return { phase: 'chunk-size', left: 0 };
  }
  return kind === 'request' ? { phase: 'counted', left: 0 } : { phase: 'until-close', left: 0 };
}

/** Each step eats from `view` at `at` and answers the new position. */
type Step = (view: Buffer, at: number) => number;

function readLine(state: ReaderState, view: Buffer, at: number): { at: number; line: string | null } {
  const end = view.indexOf(10, at);
  if (end < 0) {
    state.line += view.toString('latin1', at, view.length);
    if (state.line.length > MAX_HEAD_BYTES) throw new FramingError('line without end');
    return { at: view.length, line: null };
  }
  const line = state.line + view.toString('latin1', at, end);
  state.line = '';
  return { at: end + 1, line: line.endsWith('\r') ? line.slice(0, -1) : line };
}

function chunkSize(line: string): number {
  const digits = /^[0-9a-f]{1,8}(?=$|[ ;])/i.exec(line)?.[0];
  if (digits === undefined) throw new FramingError(`bad chunk size ${JSON.stringify(line.slice(0, 20))}`);
  return Number.parseInt(digits, 16);
}

function createSteps(kind: 'request' | 'response', state: ReaderState, events: MessageEvents) {
  const finish = (): void => {
    state.phase = 'head';
    events.onEnd();
  };
  const eatHead: Step = (view, at) => {
    const joined =
      state.pending.length === 0 ? view.subarray(at) : Buffer.concat([state.pending, view.subarray(at)]);
    const end = joined.indexOf(HEAD_END);
    if (end < 0) {
      if (joined.length > MAX_HEAD_BYTES) throw new FramingError('head without end');
      state.pending = Buffer.from(joined);
      return view.length;
    }
    const eaten = end + HEAD_END.length - state.pending.length;
    const head = joined.toString('latin1', 0, end + 2);
    state.pending = EMPTY;
    ({ phase: state.phase, left: state.left } = bodyPhase(head, kind));
    events.onHead(head);
    if (state.phase === 'counted' && state.left === 0) finish();
    return at + eaten;
  };
  const eatBody = (view: Buffer, at: number): number => {
    const end = Math.min(view.length, at + state.left);
    state.left -= end - at;
    events.onBody(at === 0 && end === view.length ? view : view.subarray(at, end));
    return end;
  };
  const steps: Record<Phase, Step> = {
    head: eatHead,
    counted: (view, at) => {
      const end = eatBody(view, at);
      if (state.left === 0) finish();
      return end;
    },
    'chunk-size': (view, start) => {
      const { at, line } = readLine(state, view, start);
      if (line === null) return at;
      state.left = chunkSize(line);
      state.phase = state.left === 0 ? 'trailer' : 'chunk-data';
      return at;
    },
    'chunk-data': (view, at) => {
      const end = eatBody(view, at);
      if (state.left === 0) state.phase = 'chunk-end';
      return end;
    },
    'chunk-end': (view, start) => {
      const { at, line } = readLine(state, view, start);
      if (line === null) return at;
      if (line !== '') throw new FramingError('chunk longer than its size');
      state.phase = 'chunk-size';
      return at;
    },
    trailer: (view, start) => {
      const { at, line } = readLine(state, view, start);
      if (line === '') finish();
      return at;
    },
    'until-close': (view, at) => {
      events.onBody(view.subarray(at));
      return view.length;
    },
  };
  return { steps, finish };
}

export function createMessageReader(kind: 'request' | 'response', events: MessageEvents): MessageReader {
  const state: ReaderState = { phase: 'head', pending: EMPTY, left: 0, line: '' };
  const { steps, finish } = createSteps(kind, state, events);
  return {
    push(view) {
      let at = 0;
      while (at < view.length) at = steps[state.phase](view, at);
    },
    close() {
      if (state.phase === 'until-close') {
        finish();
        return true;
      }
      return state.phase === 'head' && state.pending.length === 0;
    },
  };
}
