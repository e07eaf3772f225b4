import type { Collective } from '../../harness/contract/port.js';
import { packageVersion } from '../../harness/support/package-root.js';
import { encodeGraph } from '../../onnx/encode-graph.js';
import type { Graph } from '../../onnx/graph.js';
import { findAllReduces } from './graph/all-reduce.js';
import type { Runtime, Session } from './session.js';

/**
 * A graph of fixed sizes as a session. It ignores feeds that the graph does not read. All ranks run a graph with sums
 * over ranks together.
 */
export async function openGraph(runtime: Runtime, graph: Graph, ranks: Collective | null): Promise<Session> {
  const session = await openSession(runtime, graph, ranks);
  return {
    ...session,
    run: (feeds, outputs) => session.run(new Map(session.inputNames.map((name) => [name, feeds.get(name)!])), outputs),
  };
}

function openSession(runtime: Runtime, graph: Graph, ranks: Collective | null): Promise<Session> {
  const model = encodeGraph(graph, { producerVersion: packageVersion, metadata: new Map() });
  // Planning memory ahead doubles it and saves no time.
  if (findAllReduces(graph).length === 0) return runtime.openSession(model, 'all', { enableMemPattern: false });
  if (ranks === null) throw new Error('a graph with sums over ranks runs on one');
  return runtime.openRankSession(model, graph, ranks);
}
