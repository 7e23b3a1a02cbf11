/** Gathers lines and writes them in one go per turn of the event loop: a log line must not cost a system call each. */
export interface LineWriter {
  readonly write: (line: string) => void;
  flush(): void;
}

const maxWaiting = 1_024;

export function createLineWriter(writeOut: (text: string) => void): LineWriter {
  let waiting: string[] = [];
  let timer: NodeJS.Immediate | undefined;
  const flush = (): void => {
    clearImmediate(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    const text = waiting.join('');
    waiting = [];
    writeOut(text);
  };
  return {
    write(line) {
      waiting.push(line);
      if (waiting.length >= maxWaiting) flush();
      else timer ??= setImmediate(flush);
    },
    flush,
  };
}
