// `npm run setup`: dependencies, build, then `tipcheck prepare` with the arguments given.
import { runTipcheck } from './tipcheck-process.mjs';

process.exitCode = await runTipcheck(['prepare', ...process.argv.slice(2)]);
