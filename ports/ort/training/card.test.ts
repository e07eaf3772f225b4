import t from 'tap';
import { resolveBundleFolder } from '../../../harness/golden/list-shipped.js';
import { readBundle } from '../../../harness/golden/read-bundle.js';
import { resolveWeights } from '../../../harness/golden/weights.js';
import { findModel } from '../../../models/registry.js';
import type { Graph } from '../../../onnx/graph.js';
import { newTape } from '../gradients/tape.js';
import type { Runtime } from '../session.js';
import { buildTrainingGraph } from './build-training-graph.js';
import { planTraining } from './plan-training.js';

/** A step of the bundle's training, as it is built for a device; nothing of it is run. */
async function graphOf(name: string, device: 'cpu' | 'gpu', blocked: boolean | null): Promise<Graph> {
  const bundle = await readBundle(resolveBundleFolder(name));
  const definition = await findModel(bundle.model);
  const model = {
    definition,
    config: definition.parse(bundle.model),
    weights: resolveWeights(bundle),
    newTape,
    blocked,
  };
  const plan = await planTraining({ report: { device } } as Runtime, model, bundle.train!);
  return buildTrainingGraph(plan, definition.exampleImage(model.config)).graph;
}

const ofProcessor = ({ nodes }: Graph) => nodes.filter(({ domain }) => domain === 'com.microsoft.nchwc').length;

for (const name of ['segnext-t-train', 'lpsnet-s-train', 'van-ham-train']) {
  t.test(`${name} trains on a card with ONNX's own operators alone`, async (t) => {
    const graph = await graphOf(name, 'gpu', null);
    t.ok(graph.nodes.length > 1000, `${graph.nodes.length} nodes`);
    t.equal(ofProcessor(graph), 0);
  });
}

t.test('on the processor some of them are of the processor alone', async (t) => {
  t.ok(ofProcessor(await graphOf('segnext-t-train', 'cpu', true)) > 100);
});
