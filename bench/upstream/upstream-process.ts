/**
 * The mock upstream: its own process on node:net, answering from the ready bytes of `answers.ts`.
 * Knows nothing of who asks or what is measured; it only counts. Begin with `serve`.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createMessageReader } from '../load/http-framing.ts';
import { answerJobs } from '../processes/job-link.ts';
import { answerMode, streamAnswer, unaryAnswer, UNKNOWN_MODE, type StreamAnswer } from './answers.ts';
import type { UpstreamJob, UpstreamReport } from './upstream-job.ts';

type Play = (socket: Socket) => void;

/** Deltas of a stream at full speed leave in blocks of this many. */
const BLOCK = 64;

const plays = new Map<string, Play>();
const cancels = new WeakMap<Socket, () => void>();
const sockets = new Set<Socket>();
let openStreams = 0;
let requests = 0;
let bytesOfClosed = 0;

function openStream(socket: Socket, stop: () => void): () => void {
  openStreams += 1;
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    openStreams -= 1;
    cancels.delete(socket);
    stop();
  };
  cancels.set(socket, close);
  return close;
}

function playPaced(answer: StreamAnswer, chunks: number, paceMs: number): Play {
  return (socket) => {
    // A provider sends the role when it has the first token.
    let sent = 1;
    const timer = setInterval(() => {
      if (sent < chunks) {
        sent += 1;
        socket.write(answer.delta);
        return;
      }
      close();
      socket.write(answer.closing);
    }, paceMs);
    const close = openStream(socket, () => clearInterval(timer));
    socket.write(answer.start);
  };
}

function playFullSpeed(answer: StreamAnswer, chunks: number): Play {
  const block = Buffer.concat(Array.from({ length: BLOCK }, () => answer.delta));
  return (socket) => {
    let left = chunks;
    const pump = (): void => {
      while (left > 0) {
        const count = Math.min(left, BLOCK);
        left -= count;
        if (!socket.write(block.subarray(0, count * answer.delta.length))) return;
      }
      close();
      socket.write(answer.closing);
    };
    const close = openStream(socket, () => socket.off('drain', pump));
    socket.on('drain', pump);
    socket.write(answer.opening);
    pump();
  };
}

function createPlay(name: string): Play {
  const mode = answerMode(name);
  if (mode === null) return (socket) => void socket.write(UNKNOWN_MODE);
  if (mode.kind === 'json') {
    const bytes = unaryAnswer(mode.bytes);
    return (socket) => void socket.write(bytes);
  }
  const answer = streamAnswer();
  return mode.paceMs === 0 ? playFullSpeed(answer, mode.chunks) : playPaced(answer, mode.chunks, mode.paceMs);
}

function playOf(mode: string): Play {
  let play = plays.get(mode);
  if (play === undefined) {
    play = createPlay(mode);
    plays.set(mode, play);
  }
  return play;
}

const MARK = 'mock-';
const BLANK = 32;

function modeIn(view: Buffer): string | null {
  const start = view.indexOf(MARK);
  if (start < 0) return null;
  const end = view.indexOf(BLANK, start);
  return end < 0 ? null : view.toString('latin1', start, end);
}

function serve(socket: Socket): void {
  sockets.add(socket);
  socket.setNoDelay(true);
  let mode: string | null = null;
  let unread: Buffer[] = [];
  const reader = createMessageReader('request', {
    onHead: () => {
      mode = null;
      unread = [];
    },
    onBody: (view) => {
      if (mode !== null) return;
      unread.push(view);
      mode = modeIn(unread.length === 1 ? view : Buffer.concat(unread));
    },
    onEnd: () => {
      requests += 1;
      playOf(mode ?? '')(socket);
    },
  });
  const close = (): void => {
    cancels.get(socket)?.();
    if (sockets.delete(socket)) bytesOfClosed += socket.bytesWritten;
  };
  socket.on('data', (view: Buffer) => {
    try {
      reader.push(view);
    } catch {
      socket.destroy();
    }
  });
  socket.on('error', close);
  socket.on('close', close);
}

const server = createServer(serve);

function report(): UpstreamReport {
  let bytesWritten = bytesOfClosed;
  for (const socket of sockets) bytesWritten += socket.bytesWritten;
  const address = server.address() as AddressInfo | null;
  return { port: address?.port ?? 0, openStreams, requests, bytesWritten };
}

answerJobs((job: UpstreamJob): UpstreamReport | Promise<UpstreamReport> => {
  if (job.kind === 'stats') return report();
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen({ port: 0, host: '127.0.0.1', backlog: 16_384 }, () => resolve(report()));
  });
});
