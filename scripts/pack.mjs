// `npm run pack`: the package as it is published. Plain `npm pack` does not build, because `ignore-scripts` keeps npm from
// running prepack here.
import { checkNodeVersion } from './node-version.mjs';

checkNodeVersion();
const { ensureBuild, ensureDependencies, npm, stop } = await import('./ensure.mjs');
ensureDependencies();
ensureBuild({ check: true });
const { status } = npm(['pack', '--ignore-scripts', ...process.argv.slice(2)], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
if (status !== 0) stop(`Cannot pack: npm pack ended with ${status}, its reason is above.`, 1);
