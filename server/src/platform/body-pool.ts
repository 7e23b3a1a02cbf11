/**
 * Recycled buffers for request bodies, one free list per power of two. A fresh megabyte costs the allocator and the
 * collector more than a relay spends on the whole request.
 */
export interface BodyLease {
  /** At least the bytes asked for; what lies behind the body is undefined. */
  readonly buffer: Buffer;
  /** Moves the first `usedBytes` to a buffer of at least `bytes`; `buffer` changes. */
  grow(bytes: number, usedBytes: number): void;
  /** Gives the buffer back, wiped. Only after the upstream exchange is over. A second call does nothing. */
  release(): void;
}

export interface BodyPool {
  lease(bytes: number): BodyLease;
  /** Bytes of free buffers at hand. */
  readonly keptBytes: number;
}

const SMALLEST_CLASS_BYTES = 4 * 1024;
const EMPTY = Buffer.alloc(0);

/** Keeps at most `maxKeptBytes` of free buffers; beyond that they go to the collector. */
export function createBodyPool(maxKeptBytes: number): BodyPool {
  const free = new Map<number, Buffer[]>();
  let keptBytes = 0;

  function take(bytes: number): Buffer {
    const size = classOf(bytes);
    const kept = free.get(size)?.pop();
    if (kept === undefined) return Buffer.allocUnsafeSlow(size);
    keptBytes -= size;
    return kept;
  }

  function put(buffer: Buffer): void {
    if (keptBytes + buffer.length > maxKeptBytes) return;
    // No call's content outlives it, nor can a bug show it to the next one.
    buffer.fill(0);
    keptBytes += buffer.length;
    const list = free.get(buffer.length);
    if (list === undefined) free.set(buffer.length, [buffer]);
    else list.push(buffer);
  }

  function lease(bytes: number): BodyLease {
    let buffer = take(bytes);
    let isReleased = false;
    return {
      get buffer() {
        return buffer;
      },
      grow(wanted, usedBytes) {
        if (isReleased) throw new Error('a released body cannot grow');
        if (wanted <= buffer.length) return;
        const larger = take(wanted);
        buffer.copy(larger, 0, 0, usedBytes);
        put(buffer);
        buffer = larger;
      },
      release() {
        if (isReleased) return;
        isReleased = true;
        put(buffer);
        buffer = EMPTY;
      },
    };
  }

  return {
    lease,
    get keptBytes() {
      return keptBytes;
    },
  };
}

function classOf(bytes: number): number {
  let size = SMALLEST_CLASS_BYTES;
  while (size < bytes) size *= 2;
  return size;
}
