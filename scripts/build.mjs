// `npm run build`: dependencies as the lock file says, dist/ as the sources say.
import { checkNodeVersion } from './node-version.mjs';

checkNodeVersion();
const { ensureBuild, ensureDependencies } = await import('./ensure.mjs');
ensureDependencies();
ensureBuild({ check: true });
