import { elementCount, float32NdArray } from '../../harness/contract/nd-array.js';
import { packageVersion } from '../../harness/support/package-root.js';
import { encodeGraph } from '../../onnx/encode-graph.js';
import type { Graph } from '../../onnx/graph.js';
import { describePlacement } from './count-placement.js';
import type { Runtime } from './session.js';

/**
 * What of a graph stays on the processor, where a GPU was asked for: it is run once, on ones.
 * @param shapes of the inputs that have open sizes
 */
export async function measurePlacement(
  runtime: Runtime,
  graph: Graph,
  shapes: ReadonlyMap<string, readonly number[]> = new Map(),
): Promise<string> {
  const feeds = graph.inputs.map(({ name, shape }) => {
    const fixed = shapes.get(name) ?? (shape as readonly number[]);
    return [name, float32NdArray(fixed, new Float32Array(elementCount(fixed)).fill(1))] as const;
  });
  const model = encodeGraph(graph, { producerVersion: packageVersion, metadata: new Map() });
  return describePlacement(await runtime.place(model, new Map(feeds)));
}
