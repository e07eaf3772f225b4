import type { NdArray } from '../../../harness/contract/nd-array.js';
import type { Collective } from '../../../harness/contract/port.js';
import { openGraph } from '../open-graph.js';
import type { Runtime } from '../session.js';
import { buildDiagnosisGraph } from './build-diagnosis-graph.js';
import type { TrainingPlan } from './differentiate-loss.js';
import { names } from './graph-names.js';

/**
 * Where NaN or Inf appeared first in a step that was given up: the first probe of the forward; `loss` if all probes are
 * finite and the loss is not; else the first gradient of the way back. The step is run once more, by a graph that
 * looks; by all ranks, which find the same.
 * @param feeds of the step: its state is that from before
 */
export async function locateNonFinite(
  runtime: Runtime,
  plan: TrainingPlan<unknown>,
  imageShape: readonly number[],
  feeds: ReadonlyMap<string, NdArray>,
  ranks: Collective | null,
): Promise<string> {
  const { graph, places } = buildDiagnosisGraph(plan, imageShape);
  const session = await openGraph(runtime, graph, ranks);
  try {
    const flags = (await session.run(feeds, [names.faults])).get(names.faults)!.data;
    const found = places[flags.findIndex((flag) => !Number.isFinite(flag))];
    if (found === undefined) throw new Error('a step was given up, and all that it computed is finite');
    return found;
  } finally {
    await session.release();
  }
}
