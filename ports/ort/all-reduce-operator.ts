import { elementCount } from '../../harness/contract/nd-array.js';
import type { Collective } from '../../harness/contract/port.js';
import { EnvironmentError } from '../../harness/support/errors.js';
import type { Graph } from '../../onnx/graph.js';
import type { CApi, Handle } from './c-api.js';
import { registerOperator } from './custom-operator.js';
import { findAllReduces, ranksDomain } from './graph/all-reduce.js';

/** The operator AllReduce for one session. */
export interface AllReduceOperator {
  /** An OrtCustomOpDomain, to be added to the session's options. */
  readonly domain: Handle;
  /**
   * Does what runs the session.
   * @throws what a sum threw, rather than ONNX Runtime's account of it
   * @throws EnvironmentError where ranks sum in other orders, on at least one of them
   */
  run(session: () => void): void;
  /** After the session itself. */
  release(): void;
}

/** Nodes go by the numbers that addAllReduce gave them. */
export function defineAllReduce(api: CApi, graph: Graph, ranks: Collective): AllReduceOperator {
  const shapes = shapesByNumber(graph);
  const order: number[] = [];
  const dataOf = (value: Handle, length: number): Float32Array =>
    new Float32Array(api.koffi.view(api.make('GetTensorMutableData', value), length * Float32Array.BYTES_PER_ELEMENT));
  const operator = registerOperator(api, {
    domain: ranksDomain,
    name: 'AllReduce',
    open: (info) => Number(api.make('KernelInfoGetAttribute_int64', info, 'number')),
    compute(number, context) {
      const shape = shapes.get(number)!;
      const length = elementCount(shape);
      const sizes = BigInt64Array.from(shape, BigInt);
      const share = dataOf(api.make('KernelContext_GetInput', context, 0), length);
      const total = dataOf(api.make('KernelContext_GetOutput', context, 0, sizes, sizes.length), length);
      total.set(share);
      ranks.sum(total);
      order.push(number);
    },
  });
  let compared = false;
  return {
    domain: operator.domain,
    run(session) {
      order.length = 0;
      try {
        session();
      } catch (error) {
        throw operator.takeFault() ?? error;
      }
      if (!compared) compareOrder(order, ranks);
      compared = true;
    },
    release: operator.release,
  };
}

function shapesByNumber(graph: Graph): ReadonlyMap<number, readonly number[]> {
  const shapes = new Map<number, readonly number[]>();
  for (const { attributes, outputs } of findAllReduces(graph)) {
    const number = attributes.number as number;
    if (shapes.has(number)) throw new Error('two sums over ranks bear one number');
    shapes.set(number, outputs[0]!.shape as readonly number[]);
  }
  return shapes;
}

/**
 * ONNX Runtime chooses the order, which is the same in every run of a session. If it were another on another rank,
 * unlike things would be summed.
 */
function compareOrder(order: readonly number[], ranks: Collective): void {
  const sums = Float32Array.from(order);
  ranks.sum(sums);
  if (order.every((number, at) => sums[at] === number * ranks.size)) return;
  throw new EnvironmentError(
    'Cannot train on several ranks: ONNX Runtime sums in other orders on other ranks; the same version of it on all is wanted. Fix: npx tipcheck prepare --port ort, on each machine',
  );
}
