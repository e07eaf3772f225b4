import { elementCount } from '../../../harness/contract/nd-array.js';
import type { Value } from '../../../onnx/graph.js';
import type { Emitter } from '../gradients/emitter.js';
import type { RankPlace } from '../gradients/sync-batch-norm.js';
import { addAllReduce } from '../graph/all-reduce.js';
import type { StateLayout } from './state-layout.js';

export interface JoinedGradients {
  /** By parameter, in the order of `found`. */
  readonly gradients: ReadonlyMap<string, Value>;
  /** By chunk: its parameters' gradients end to end. */
  readonly ofChunks: ReadonlyMap<string, Value>;
}

/** Gradients as the chunks of state have them; with several ranks the mean over these. */
export function joinGradients(
  emitter: Emitter,
  layout: StateLayout,
  found: ReadonlyMap<string, Value | null>,
  ranks: RankPlace | null,
): JoinedGradients {
  const chunks = layout.chunks.filter(({ group }) => group !== null);
  const joined = chunks.map(({ places }) =>
    joinChunk(
      emitter,
      places.map(({ name }) => requireGradient(found, name)),
    ),
  );
  const own = new Map([...found.keys()].map((name) => [name, requireGradient(found, name)]));
  const byChunk = (values: readonly Value[]) => new Map(chunks.map(({ name }, at) => [name, values[at]!]));
  if (ranks === null) return { gradients: own, ofChunks: byChunk(joined) };

  const share = emitter.scalar(1 / ranks.size);
  const ofChunks = byChunk(joined.map((gradient) => addAllReduce(emitter.builder, emitter.mul(gradient, share))));
  const cut = (name: string): Value => {
    const { chunk, shape, start } = layout.find(name);
    return emitter.reshape(emitter.slice(ofChunks.get(chunk)!, 0, start, start + elementCount(shape)), shape);
  };
  return { gradients: new Map([...found.keys()].map((name) => [name, cut(name)])), ofChunks };
}

export function joinChunk(emitter: Emitter, gradients: readonly Value[]): Value {
  return emitter.concat(
    gradients.map((gradient) => emitter.reshape(gradient, [-1])),
    0,
  );
}

/** The reference's optimizers leave a parameter alone if the loss does not depend on it. None of our models has one. */
function requireGradient(gradients: ReadonlyMap<string, Value | null>, name: string): Value {
  const gradient = gradients.get(name);
  if (gradient == null) throw new Error(`the loss does not depend on ${name}, which the optimizer is to update`);
  return gradient;
}
