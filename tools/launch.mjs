// Every npm script goes through here. Written in what Node 20 reads, because it runs before the pinned runtime is
// installed; it must not import packages. Begin at launch/commands.mjs.
const major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  console.error(
    `Qingzhou needs Node 20 or later to install itself, and this is ${process.version}: install a newer Node from https://nodejs.org and run this again.`,
  );
  process.exitCode = 1;
} else {
  const { runCommand } = await import('./launch/commands.mjs');
  process.exitCode = await runCommand(process.argv[2], process.argv.slice(3));
}
