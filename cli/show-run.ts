import yoctoSpinner from 'yocto-spinner';
import type { Plan } from '../harness/run/plan.js';
import type { RunListener } from '../harness/run/run.js';

/** A live line on stderr of where a run is, gone while a verdict is written. Off a terminal it says nothing. */
export function showRun(plans: readonly Plan[]): RunListener {
  if (!process.stderr.isTTY) return {};
  const spinner = yoctoSpinner();
  const total = plans.reduce((sum, { cases, evaluations }) => sum + cases.length + evaluations.length, 0);
  let finished = 0;
  return {
    onPhase({ id }, phase) {
      spinner.text = `${finished + 1} of ${total}  ${id}  ${phase}`;
      spinner.start();
    },
    onCase() {
      finished += 1;
      spinner.stop();
    },
  };
}
