// `npm start`: set-up, then the run of the TIPC text file that package.json names: inference, training, evaluation.
// What slow ports need is fetched while others are judged already; `tipcheck test` waits when it comes to one of them
// (harness/setup/native-wait.ts).
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { runToItsEnd } from './run-to-its-end.mjs';
import { exitCodeOf, runTipcheck, startTipcheck } from './tipcheck-process.mjs';

const [tipcFile, ...options] = process.argv.slice(2);
const modes = ['lite_infer', 'lite_train', 'full_eval'];
/** What computes for a verdict goes before what fetches: the set-up gets what is left of the processor. */
const lowPriority = 10;

runToItsEnd('the start', async () => {
  const preparing = startTipcheck(['prepare', '--slow'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const prepared = exitCodeOf(preparing);
  lowerPriority(preparing.pid);
  await showLines(preparing.stderr, prepared);
  const code = await runTipcheck(['test', tipcFile, ...modes, ...options]);
  await prepared;
  return code;
});

/** Resolves at the first line of work: from then on the lock tells everybody that a port is being prepared. */
function showLines(stream, ended) {
  return new Promise((resolve) => {
    createInterface({ input: stream }).on('line', (line) => {
      // The run may be drawing a line of its own at this moment.
      process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[2K' : ''}[set-up] ${line}\n`);
      if (!line.startsWith('device:')) resolve();
    });
    ended.then(resolve);
  });
}

function lowerPriority(pid) {
  try {
    setPriority(pid, lowPriority);
  } catch (error) {
    process.stderr.write(`The set-up runs at normal priority: ${error.message}\n`);
  }
}
