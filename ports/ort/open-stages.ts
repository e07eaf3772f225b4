import type { Collective } from '../../harness/hosts/port-contract.js';
import type { Float32NdArray, NdArray } from '../../harness/support/nd-array.js';
import { packageVersion } from '../../harness/support/package-root.js';
import { cutIntoStages } from './graph/cut-into-stages.js';
import type { Graph } from './graph/graph.js';
import { encodeGraph } from './onnx/encode-graph.js';
import type { Runtime, Session } from './session.js';
import { allotBuffers } from './stage-buffers.js';

/**
 * A graph of fixed sizes as a session. Where it has sums over ranks it is a session for each stage between them; all ranks run
 * it together. What goes from stage to stage lies in buffers that are made once.
 */
export async function openStages(runtime: Runtime, graph: Graph, ranks: Collective | null): Promise<GraphSession> {
  const stages = cutIntoStages(graph);
  if (stages.length > 1 && ranks === null) throw new Error('a graph with sums over ranks runs on one');
  const sessions: Session[] = [];
  for (const stage of stages) sessions.push(await openStage(runtime, stage.graph, stages.length === 1));
  const buffers = allotBuffers(stages);
  return {
    async run(feeds, wanted) {
      const results = new Map<string, Float32NdArray>();
      for (const [at, { graph, left, sums }] of stages.entries()) {
        const inputs = new Map<string, NdArray>(
          graph.inputs.map(({ name }) => [name, buffers.arrays.get(name) ?? feeds.get(name)!]),
        );
        const handedOn = [...left].map(({ name }) => name);
        const asked = wanted.filter((name) => graph.outputs.has(name));
        const found = await sessions[at]!.run(inputs, [...handedOn, ...asked], buffers.arrays);
        for (const name of asked) results.set(name, found.get(name)!);
        if (sums.length > 0) ranks!.sum(buffers.joined[at]!);
      }
      return results;
    },
    async release() {
      for (const session of sessions) await session.release();
    },
  };
}

export interface GraphSession {
  /** Feeds that the graph does not read are passed over. */
  run(feeds: ReadonlyMap<string, NdArray>, outputs: readonly string[]): Promise<ReadonlyMap<string, Float32NdArray>>;
  release(): Promise<void>;
}

function openStage(runtime: Runtime, graph: Graph, alone: boolean): Promise<Session> {
  const model = encodeGraph(graph, { producerVersion: packageVersion, metadata: new Map() });
  // Planning memory ahead doubles it and saves no time. Sessions that wait for each other must not spin.
  return runtime.openSession(model, 'all', { enableMemPattern: false, spins: alone });
}
