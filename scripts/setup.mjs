// `npm run setup`: dependencies, build, then `tipcheck prepare` with the arguments given.
import { runToItsEnd } from './run-to-its-end.mjs';
import { runTipcheck } from './tipcheck-process.mjs';

runToItsEnd('the set-up', () => runTipcheck(['prepare', ...process.argv.slice(2)]));
