import type { UpstreamClientOptions } from '../../src/platform/create-upstream-client.ts';
import type {
  ExchangeError,
  UpstreamClient,
  UpstreamExchange,
  UpstreamHead,
  UpstreamRequest,
} from '../../src/platform/upstream-client.ts';
import { openPeer } from './upstream-peer.ts';
import type { OnSocket, Peer } from './upstream-peer.ts';

/** One way to reach an upstream: what the suite is run over. */
export interface Rig {
  readonly client: UpstreamClient;
  readonly isSecure: boolean;
  readonly proxy?: string;
  close(): Promise<void>;
}

export type CreateRig = (options?: Partial<UpstreamClientOptions>) => Promise<Rig>;

export interface Outcome {
  readonly head: UpstreamHead | undefined;
  readonly body: Buffer;
  /** Undefined where the exchange ended well. */
  readonly error: ExchangeError | undefined;
  readonly dataCalls: number;
}

export interface Running {
  readonly exchange: UpstreamExchange;
  readonly done: Promise<Outcome>;
  readonly headArrived: Promise<UpstreamHead>;
  readonly dataArrived: Promise<void>;
  readonly receivedBytes: () => number;
  readonly isOver: () => boolean;
}

export interface Watch {
  onHead?(exchange: UpstreamExchange): void;
  onData?(exchange: UpstreamExchange): void;
}

/** Sends and collects; a callback after the last one, or a second last one, fails the process loudly. */
export function run(
  rig: Rig,
  request: Partial<UpstreamRequest> & { origin: string },
  watch: Watch = {},
): Running {
  const done = Promise.withResolvers<Outcome>();
  const headArrived = Promise.withResolvers<UpstreamHead>();
  const dataArrived = Promise.withResolvers<void>();
  const parts: Buffer[] = [];
  let head: UpstreamHead | undefined;
  let bytes = 0;
  let isOver = false;
  let hasReturned = false;
  const check = (): void => {
    if (isOver) throw new Error('a callback came after the last one');
    if (!hasReturned) throw new Error('a callback came from within send');
  };
  const finish = (error: ExchangeError | undefined): void => {
    check();
    isOver = true;
    done.resolve({ head, body: Buffer.concat(parts), error, dataCalls: parts.length });
  };
  const exchange = rig.client.send(
    {
      method: 'POST',
      path: '/v1/messages',
      headers: ['content-type', 'application/json'],
      body: [Buffer.from('{}')],
      connectTimeoutMs: 5000,
      ...(rig.proxy === undefined ? {} : { proxy: rig.proxy }),
      ...request,
    },
    {
      onHead(arrived) {
        check();
        head = arrived;
        headArrived.resolve(arrived);
        watch.onHead?.(exchange);
      },
      onData(view) {
        check();
        parts.push(Buffer.from(view));
        bytes += view.length;
        dataArrived.resolve();
        watch.onData?.(exchange);
      },
      onEnd: () => finish(undefined),
      onError: finish,
    },
  );
  hasReturned = true;
  return {
    exchange,
    done: done.promise,
    headArrived: headArrived.promise,
    dataArrived: dataArrived.promise,
    receivedBytes: () => bytes,
    isOver: () => isOver,
  };
}

export interface Scene {
  readonly rig: Rig;
  readonly peer: Peer;
  readonly origin: string;
}

export interface SceneOptions {
  readonly create: CreateRig;
  readonly onSocket: OnSocket;
  readonly client?: Partial<UpstreamClientOptions>;
}

/** A client and a peer for the length of `play`. */
export async function stage(options: SceneOptions, play: (scene: Scene) => Promise<void>): Promise<void> {
  const rig = await options.create(options.client);
  const peer = await openPeer(rig.isSecure, options.onSocket);
  try {
    await play({ rig, peer, origin: `${rig.isSecure ? 'https' : 'http'}://localhost:${peer.port}` });
  } finally {
    await rig.client.close();
    await peer.close();
    await rig.close();
  }
}
