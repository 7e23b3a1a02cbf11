import { createReadStream } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { keyOfRecording, keyOfRequest } from './recording.ts';
import type { Recording } from './recording.ts';

export interface RecordingIndex {
  /** The recording that answers this request; the files are read at the first call. `id` picks one of several equal. */
  find(request: RecordedRequest): Promise<Recording | undefined>;
  /** Repeated requests start from the first recorded answer again. */
  reset(): void;
}

interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  readonly bodyText: string;
  readonly id?: string | undefined;
}

export interface RecordingProgress {
  readonly file: string;
  readonly files: number;
  readonly filesDone: number;
  readonly recordings: number;
}

/** Where a line is; bodies stay on the disk. */
interface Place {
  readonly id: string;
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

interface Sequence {
  readonly places: Place[];
  asked: number;
}

const NEWLINE = 0x0a;

export function openRecordings(
  folder: string,
  onProgress: (progress: RecordingProgress) => void,
): RecordingIndex {
  let loading: Promise<ReadonlyMap<string, Sequence>> | undefined;
  const load = (): Promise<ReadonlyMap<string, Sequence>> => (loading ??= loadFolder(folder, onProgress));
  let loaded: ReadonlyMap<string, Sequence> = new Map();
  return {
    async find(request) {
      loaded = await load();
      const sequence = loaded.get(keyOfRequest(request.method, request.url, request.bodyText));
      if (sequence === undefined) return undefined;
      const named = sequence.places.find((place) => place.id === request.id);
      const place = named ?? sequence.places[Math.min(sequence.asked, sequence.places.length - 1)];
      if (named === undefined) sequence.asked += 1;
      return place === undefined ? undefined : readPlace(place);
    },
    reset() {
      for (const sequence of loaded.values()) sequence.asked = 0;
    },
  };
}

async function loadFolder(
  folder: string,
  onProgress: (progress: RecordingProgress) => void,
): Promise<ReadonlyMap<string, Sequence>> {
  const sequences = new Map<string, Sequence>();
  const files = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).toSorted();
  let recordings = 0;
  for (const [filesDone, name] of files.entries()) {
    const file = join(folder, name);
    for await (const { offset, line } of linesOf(file)) {
      const recording = parseLine(line, `${name} at byte ${offset}`);
      const key = keyOfRecording(recording);
      const sequence = sequences.get(key) ?? { places: [], asked: 0 };
      sequence.places.push({ id: recording.id, file, offset, length: line.length });
      sequences.set(key, sequence);
      recordings += 1;
    }
    onProgress({ file: name, files: files.length, filesDone: filesDone + 1, recordings });
  }
  return sequences;
}

function parseLine(line: Buffer, place: string): Recording {
  try {
    return JSON.parse(line.toString('utf8')) as Recording;
  } catch (cause) {
    throw new Error(`The recording in ${place} is not JSON.`, { cause });
  }
}

async function* linesOf(file: string): AsyncGenerator<{ offset: number; line: Buffer }> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  for await (const part of createReadStream(file) as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? part : Buffer.concat([rest, part]);
    let start = 0;
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE, start)) {
      if (end > start) yield { offset: offset + start, line: rest.subarray(start, end) };
      start = end + 1;
    }
    offset += start;
    rest = rest.subarray(start);
  }
  if (rest.length > 0) yield { offset, line: rest };
}

async function readPlace(place: Place): Promise<Recording> {
  const handle = await open(place.file);
  try {
    const buffer = Buffer.alloc(place.length);
    await handle.read(buffer, 0, place.length, place.offset);
    return parseLine(buffer, place.file);
  } finally {
    await handle.close();
  }
}
