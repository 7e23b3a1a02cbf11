#!/usr/bin/env node
// The entry of the command line, service and container. Checks the runtime in syntax that Node 20 reads, before
// anything that only Node 26 reads is loaded. Everything else begins in ../src/main.ts.
const needed = 26;
/** Node's security release of 2026-10-21 for this line; what is older has known holes in TLS and Brotli. */
const safeFloor = [26, 12, 1];

const version = process.versions.node.split('.').map(Number);
const args = process.argv.slice(2);

function isBelowFloor() {
  for (const [index, floor] of safeFloor.entries()) {
    if (version[index] !== floor) return version[index] < floor;
  }
  return false;
}

if (version[0] < needed) {
  console.error(
    `Qingzhou needs Node ${needed} or later, and this is ${process.version}: run it with "npm start" or "npm run qz", which bring their own, or install Node ${safeFloor.join('.')} or later from https://nodejs.org.`,
  );
  process.exitCode = 1;
} else {
  if (args[0] === 'start' && !args.includes('--demo') && isBelowFloor()) {
    console.error(
      `Warning: Node ${process.version} is older than its security release v${safeFloor.join('.')}. Good for trying out; for production see docs/operators.md.`,
    );
  }
  const { main } = await import('../src/main.ts');
  process.exitCode = await main(args);
}
