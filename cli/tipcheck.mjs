#!/usr/bin/env node
// The program `tipcheck`. In a clone it brings dependencies and dist/ up to date first; an installed package ships
// dist/.
import { existsSync } from 'node:fs';
import { checkNodeVersion } from '../scripts/node-version.mjs';

checkNodeVersion();
const { ensureAll, root, stop } = await import('../scripts/ensure.mjs');
ensureAll();
const program = new URL('../dist/cli/main.js', import.meta.url);
if (!existsSync(program)) {
  stop(
    `Cannot start tipcheck: ${root} holds no compiled dist/cli/main.js; this package was packed without being built. Fix: pack it with npm run pack`,
  );
}
const { runToItsEnd } = await import('../scripts/run-to-its-end.mjs');
const name = ['tipcheck', ...process.argv.slice(2, 3)].join(' ');
let report = (error) => {
  process.stderr.write(
    `Cannot start tipcheck: its own files do not load (${String(error?.message).split('\n')[0]}); a whole installation, and as many open files as it has, are wanted. Fix: ulimit -n 1024, or install it again\n`,
  );
  return 3;
};
runToItsEnd(
  name,
  async () => {
    const { main, reportError } = await import(program.href);
    report = reportError;
    return main(process.argv.slice(2));
  },
  (error) => report(error),
);
