/** Counts the blank lines that end server-sent events, also when one is split over two reads. */
export function createFrameCounter(): { count(view: Buffer): number } {
  let endedInNewline = false;
  return {
    count(view) {
      let frames = 0;
      let at = 0;
      if (endedInNewline && view[0] === 10) {
        frames = 1;
        at = 1;
      }
      for (let hit = view.indexOf('\n\n', at); hit >= 0; hit = view.indexOf('\n\n', at)) {
        frames += 1;
        at = hit + 2;
      }
      endedInNewline = at < view.length && view[view.length - 1] === 10;
      return frames;
    },
  };
}
