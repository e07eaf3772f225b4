import type { Float32NdArray } from '../../harness/contract/nd-array.js';
import type { ProbeCall } from '../../models/probe-calls.js';
import type { Value } from '../../onnx/graph.js';
import type { Builder } from './graph/builder.js';

/** What operators that append nodes to a graph know of it. */
export interface BuildContext {
  readonly builder: Builder;
  readonly weights: ReadonlyMap<string, Float32NdArray>;
  /** Which probes leave the graph, and which of them are replaced by an input as soon as they are recorded. */
  readonly probes: ReadonlySet<string>;
  readonly replaced: ReadonlySet<string>;
  /** Each call of a probe by the names under which it leaves the graph or is replaced. */
  readonly countCall: (name: string) => ProbeCall;
  /**
   * Whether each probe's tensor bears the probe's name inside the graph, too, and which probes are called more than
   * once, so that they bear `NAME#k`. Null: they bear none.
   */
  readonly named: { readonly repeated: ReadonlySet<string> } | null;
}

/** The name of the graph's input that stands in for a replaced probe. */
export function replacementInput(probe: string): string {
  return `${probe}@replacement`;
}

/** A parameter or buffer by its name in state_dict(). */
export function parameter({ builder, weights }: BuildContext, name: string): Value {
  const found = weights.get(name);
  if (found === undefined) throw new Error(`the model asks for ${name}, which its own list of parameters lacks`);
  return builder.constant(name, found.shape, found.data);
}
