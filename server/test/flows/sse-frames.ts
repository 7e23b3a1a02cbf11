/** The frames of a finished event stream whose data is JSON; end marks and comments are left out. */
export interface ParsedFrame {
  readonly event: string | undefined;
  readonly data: unknown;
}

export function parseFrames(stream: string): readonly ParsedFrame[] {
  return stream.split(/\r?\n\r?\n/).flatMap((frame): ParsedFrame[] => {
    const data = /^data: ?(\{.*)$/m.exec(frame)?.[1];
    return data === undefined
      ? []
      : [{ event: /^event: ?(.+)$/m.exec(frame)?.[1], data: JSON.parse(data) as unknown }];
  });
}
