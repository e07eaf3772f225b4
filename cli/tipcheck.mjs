#!/usr/bin/env node
// The program `tipcheck`. In a clone it brings dependencies and dist/ up to date first; an installed package ships dist/.
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
const { main, reportError } = await import(program.href);
const name = ['tipcheck', ...process.argv.slice(2, 3)].join(' ');
runToItsEnd(name, () => main(process.argv.slice(2)), reportError);
