/**
 * Recordings: real exchanges that are given back byte for byte when the same request comes again. Knows no wire and
 * no engine. Begin with `recording-index.ts`; README.md tells the shape of the files.
 */
export { openRecordings } from './recording-index.ts';
export type { RecordingIndex, RecordingProgress } from './recording-index.ts';
export { sendRecording } from './send-recording.ts';
