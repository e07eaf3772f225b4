import { readRun } from '../../harness/run/read-run.js';
import { out } from '../../harness/support/console.js';
import { renderCount } from '../../harness/support/figures.js';
import { verifyRun } from '../../tipc/stored/verify-run.js';
import type { Program } from '../program.js';

export function register(program: Program): void {
  program
    .command('verify')
    .helpGroup('Reports:')
    .summary('check a stored run again: verdicts, completeness, goldens, reports')
    .description(
      'Checks that the verdicts of a stored run follow from its figures, that no case which its suite plans was dropped, that its goldens are those of this package, and that its reports say what its result.json says. Whether the run passed is another question. Exit codes: 0 all holds, 1 something does not, 2 bad usage or input.',
    )
    .argument('<run>', "a run's folder (reports/<run-id>), or a result.json")
    .endsWith((run: string) => verify(run));
}

async function verify(run: string): Promise<number> {
  const stored = await readRun(run);
  const { unchecked, dropped, otherGoldens, ...wrong } = await verifyRun(stored);
  const faults = [...wrong.faults, ...dropped, ...otherGoldens];
  for (const fault of faults) out(`✕ ${fault}`);
  for (const part of unchecked) out(`not checked: ${part}`);
  const { runId, verdict, cases, tipc } = stored.result;
  const parts = tipc === undefined ? renderCount(cases.length, 'case') : renderCount(tipc.steps.length, 'step');
  const what = `run ${runId} (${verdict}, ${parts})`;
  const found = faults.length === 0 ? 'is what it says' : `has ${renderCount(faults.length, 'fault')}`;
  out(`${what} ${found}`);
  return faults.length === 0 ? 0 : 1;
}
