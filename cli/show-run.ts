import type { Plan } from '../harness/run/plan.js';
import type { RunListener } from '../harness/run/run.js';
import { drawLive } from '../harness/support/console.js';

/** A live line on stderr of where a run is, gone while a verdict is written. Off a terminal it says nothing. */
export function showRun(plans: readonly Plan[]): RunListener {
  const total = plans.reduce((sum, { cases, evaluations }) => sum + cases.length + evaluations.length, 0);
  let finished = 0;
  let clock: NodeJS.Timeout | undefined;
  return {
    onPhase({ id }, phase) {
      clearInterval(clock);
      const startedAt = Date.now();
      const draw = (more: string) => drawLive(`${finished + 1} of ${total}  ${id}  ${phase}${more}`);
      draw('');
      // Seconds that go on say that it has not stopped.
      clock = setInterval(() => draw(`, ${Math.round((Date.now() - startedAt) / 1000)} s`), 1000).unref();
    },
    onCase() {
      clearInterval(clock);
      finished += 1;
    },
    // Nobody tells of the case that a run which throws was at.
    onEnd: () => clearInterval(clock),
  };
}
