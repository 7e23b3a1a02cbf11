import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startPinned } from '../processes/pinned-process.ts';
import { freePort, waitUntilListening } from './listening.ts';
import type { Target } from './target.ts';
import { createWorkFolder, removeWorkFolder } from '../processes/work-folder.ts';

/** One worker without log, with upstream keep-alive and without response buffering: nginx at its best for this job. */
function configuration(folder: string, port: number, upstreamPort: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${folder}/nginx.pid;
error_log stderr crit;
events { worker_connections 20000; multi_accept on; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  keepalive_requests 1000000000;
  client_max_body_size 64m;
  client_body_buffer_size 256k;
  upstream mock {
    server 127.0.0.1:${upstreamPort};
    keepalive 512;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=16384;
    location / {
      proxy_pass http://mock;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
`;
}

export const nginx: Target = {
  name: 'nginx',
  isSubject: false,
  prepare: () => {
    const isThere = spawnSync('nginx', ['-v'], { stdio: 'ignore' }).status === 0;
    return Promise.resolve(
      isThere ? null : 'nginx is not on the PATH; to measure it: apt-get install -y nginx-light',
    );
  },
  version: () => {
    const { stderr } = spawnSync('nginx', ['-v'], { encoding: 'utf8' });
    return /nginx\/(\S+)/.exec(stderr)?.[1] ?? 'unknown';
  },
  async start(upstreamPort) {
    const folder = createWorkFolder('nginx');
    const port = await freePort();
    writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port, upstreamPort));
    const process = startPinned('nginx', { core: 0, args: ['-c', join(folder, 'nginx.conf'), '-p', folder] });
    const stop = async (): Promise<void> => {
      await process.stop();
      removeWorkFolder(folder);
    };
    try {
      await waitUntilListening(process, port, 5_000);
    } catch (error) {
      await stop();
      throw error;
    }
    return { process, port, headers: { authorization: 'Bearer sk-bench' }, stop };
  },
};
