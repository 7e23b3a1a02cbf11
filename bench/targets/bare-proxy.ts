/** The program of the `bare` target: forwards every request on node:http with keep-alive and back-pressure. */
import { Agent, createServer, request } from 'node:http';

const [port, upstreamPort] = process.argv.slice(2).map(Number);
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

const server = createServer((arrival, answer) => {
  const { method, url: path, headers } = arrival;
  const onward = request({ host: '127.0.0.1', port: upstreamPort, agent, method, path, headers });
  onward.on('response', (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    answer.flushHeaders();
    response.pipe(answer);
  });
  onward.on('error', () => answer.destroy());
  answer.on('close', () => onward.destroy());
  arrival.pipe(onward);
});
server.listen({ port, host: '127.0.0.1', backlog: 16_384 });
