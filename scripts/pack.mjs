// `npm run pack`: the package as it is published. Plain `npm pack` does not build, because `ignore-scripts` keeps npm
// from running prepack here.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { checkNodeVersion } from './node-version.mjs';

checkNodeVersion();
const { ensureBuild, ensureDependencies, npm, root, stop } = await import('./ensure.mjs');
ensureDependencies();
ensureBuild({ check: true });
// Leaves what --help says beside the commands, so that an installed package need not load them all to say it.
spawnSync(process.execPath, [join(root, 'cli', 'tipcheck.mjs'), '--help'], { stdio: ['ignore', 'ignore', 'inherit'] });
const { status } = npm(['pack', '--ignore-scripts', ...process.argv.slice(2)], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
if (status !== 0) stop(`Cannot pack: npm pack ended with ${status}, its reason is above.`, 1);
