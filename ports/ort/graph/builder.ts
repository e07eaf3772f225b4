import { elementCount } from '../../../harness/contract/nd-array.js';
import type { Attributes, Graph, Node, Size, Value } from '../../../onnx/graph.js';

/** Appends to a graph and keeps names unique. */
export interface Builder {
  readonly graph: Graph;
  /** Names of what is added next begin with this. */
  scope: string;
  input(name: string, shape: readonly Size[]): Value;
  /** Appends a node of one output and returns that. */
  add(op: string, inputs: readonly (Value | null)[], shape: readonly Size[], attributes?: Attributes): Value;
  /** Appends a node of several outputs, or of another domain than ONNX's own. */
  addMany(
    op: string,
    inputs: readonly (Value | null)[],
    outputs: readonly Pick<Value, 'dtype' | 'shape'>[],
    attributes?: Attributes,
    domain?: string,
  ): readonly Value[];
  /** The same for a node whose output is int64: sizes. */
  addSizes(op: string, inputs: readonly (Value | null)[], count: number, attributes?: Attributes): Value;
  /** `x` under exactly this name. Throws where the name is taken. */
  named(name: string, x: Value): Value;
  /** The same name and array give the same value; another array under a taken name gets a name of its own. */
  constant(name: string, shape: readonly number[], data: Float32Array): Value;
  sizes(values: readonly number[]): Value;
  scalar(value: number): Value;
}

export function newBuilder(graph: Graph): Builder {
  const taken = new Set<string>([
    ...graph.inputs.map((value) => value.name),
    ...graph.nodes.flatMap((node) => [...node.inputs, ...node.outputs].map((value) => value?.name ?? '')),
  ]);
  const constants = new Map<string, Value>();
  const counts = new Map<string, number>();
  const unique = (wanted: string): string => {
    let name = wanted;
    let count = counts.get(wanted) ?? 1;
    while (taken.has(name)) name = `${wanted}.${++count}`;
    counts.set(wanted, count);
    taken.add(name);
    return name;
  };
  const append = (node: Node): Value => {
    graph.nodes.push(node);
    return node.outputs[0]!;
  };
  const shared = (name: string, make: () => Value): Value => {
    const known = constants.get(name);
    if (known !== undefined) return known;
    const made = make();
    constants.set(name, made);
    return made;
  };
  const builder: Builder = {
    graph,
    scope: '',
    input(name, shape) {
      const value: Value = { name: unique(name), dtype: 'float32', shape, constant: null };
      graph.inputs.push(value);
      return value;
    },
    add(op, inputs, shape, attributes = {}) {
      const name = unique(builder.scope === '' ? op : `${builder.scope}/${op}`);
      const output: Value = { name, dtype: 'float32', shape, constant: null };
      return append({ op, domain: '', inputs: [...inputs], outputs: [output], attributes });
    },
    addMany(op, inputs, outputs, attributes = {}, domain = '') {
      const name = (at: number) => unique(`${builder.scope === '' ? op : `${builder.scope}/${op}`}/${at}`);
      const made = outputs.map((output, at): Value => ({ ...output, name: name(at), constant: null }));
      graph.nodes.push({ op, domain, inputs: [...inputs], outputs: made, attributes });
      return made;
    },
    addSizes(op, inputs, count, attributes = {}) {
      const output: Value = { name: unique(`${builder.scope}/${op}`), dtype: 'int64', shape: [count], constant: null };
      return append({ op, domain: '', inputs: [...inputs], outputs: [output], attributes });
    },
    named(name, x) {
      if (taken.has(name)) throw new Error(`two values of a graph are called ${name}`);
      taken.add(name);
      return append({ op: 'Identity', domain: '', inputs: [x], outputs: [{ ...x, name }], attributes: {} });
    },
    constant(name, shape, data) {
      if (data.length !== elementCount(shape)) {
        throw new Error(`constant ${name} has ${data.length} elements for [${shape.join(', ')}]`);
      }
      const known = constants.get(name);
      if (known?.constant === data) return known;
      return shared(known === undefined ? name : unique(name), () => ({
        name: unique(name),
        dtype: 'float32',
        shape,
        constant: data,
      }));
    },
    sizes(values) {
      const name = `sizes/${values.join(',')}`;
      const constant = BigInt64Array.from(values, BigInt);
      return shared(name, () => ({ name: unique(name), dtype: 'int64', shape: [values.length], constant }));
    },
    scalar(value) {
      const constant = Float32Array.of(value);
      return shared(`scalar/${value}`, () => ({
        name: unique(`scalar/${value}`),
        dtype: 'float32',
        shape: [],
        constant,
      }));
    },
  };
  return builder;
}
