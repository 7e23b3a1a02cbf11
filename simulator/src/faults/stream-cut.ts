import type { StreamFrame } from '../engine/exchange.ts';
import type { Ending, StreamStep } from './effects.ts';

const DEFAULT_FRAMES = 4;

/** The first frames, then the ending; a shorter stream loses its last frame, so that it never looks complete. */
export function* endAfterFrames(
  frames: Iterable<StreamFrame>,
  count: number = DEFAULT_FRAMES,
  ending: Ending = 'end',
): Iterable<StreamStep> {
  let held: StreamFrame | undefined;
  let sent = 0;
  for (const frame of frames) {
    if (sent === count) break;
    if (held !== undefined) {
      yield held;
      sent += 1;
    }
    held = frame;
  }
  yield { ending };
}
