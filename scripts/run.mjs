// `node scripts/run.mjs scripts/<name>.js …`: brings dist/ up to date and runs a compiled script of it.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkNodeVersion } from './node-version.mjs';

checkNodeVersion();
const { ensureAll, root } = await import('./ensure.mjs');
ensureAll();
const [script, ...args] = process.argv.slice(2);
const { main } = await import(pathToFileURL(join(root, 'dist', script)).href);
const { runToItsEnd } = await import('./run-to-its-end.mjs');
runToItsEnd(script, () => main(args));
