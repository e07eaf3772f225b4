import { elementCount, type Float32NdArray, type NdArray } from '../../harness/contract/nd-array.js';
import type { SoughtGolden } from '../../harness/contract/port.js';
import { groupBySize } from '../../harness/support/group-by-size.js';
import type { Distance } from '../../onnx/assign-probes.js';
import { fixInputs } from '../../onnx/cut-graph.js';
import { encodeModel, type GraphProto, type ModelProto } from '../../onnx/model-proto.js';
import { observeModel } from '../../onnx/observe.js';
import { listOrders, type ProbeOrder, placesOf } from '../../onnx/probe-order.js';
import type { Runtime } from '../ort/session.js';

export interface Distances {
  /** Of each golden, to the tensors that are less than a tenth from it. */
  readonly of: readonly (readonly Distance[])[];
  /** Of tensors of floats. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** How the elements of a golden stand in a tensor that is near it. */
  orderOf(golden: number, tensor: string): ProbeOrder | null;
}

/**
 * Runs the graph without optimisation, each tensor an output, and measures how far each is from each golden of its
 * size. Tensors come in groups, so that a group takes no more than a quarter of a GB.
 */
export async function measureDistances(
  runtime: Runtime,
  model: ModelProto & { graph: GraphProto },
  tensors: readonly string[],
  feeds: ReadonlyMap<string, NdArray>,
  goldens: readonly SoughtGolden[],
  groupBytes = usualBytes,
): Promise<Distances> {
  const bySize = new Map<number, Target[]>();
  for (const [at, golden] of goldens.entries()) {
    if (!tells(golden)) continue;
    const size = elementCount(golden.shape);
    bySize.set(size, [...(bySize.get(size) ?? []), { at, golden, places: null }]);
  }
  const of: Distance[][] = goldens.map(() => []);
  const shapes = new Map<string, readonly number[]>();
  const orders = new Map<string, ProbeOrder>();
  const places = new Map(tensors.map((tensor, at) => [tensor, at]));
  const open = (outputs: readonly string[], graph = model.graph) =>
    runtime.openSession(encodeModel(observeModel({ ...model, graph }, { outputs, replaced: [] })), 'disabled', {
      logSeverityLevel: 4,
    });
  const largest = Math.max(1, ...goldens.map(({ shape }) => elementCount(shape)));
  // Where all is said, nothing is run.
  let groups: readonly (readonly string[])[] = tensors.length === 0 ? [] : [tensors];
  if (tensors.length * largest * Float32Array.BYTES_PER_ELEMENT > groupBytes) {
    const session = await open(tensors, fixInputs(model.graph, shapesOf(feeds)));
    for (const [tensor, shape] of session.floatShapes) shapes.set(tensor, shape);
    const sizeOf = (tensor: string) => elementCount(shapes.get(tensor) ?? [largest]);
    const wanted = session.floatOutputs.filter((tensor) => !shapes.has(tensor) || bySize.has(sizeOf(tensor)));
    await session.release();
    groups = groupBySize(wanted, sizeOf, groupBytes / Float32Array.BYTES_PER_ELEMENT);
  }
  for (const outputs of groups) {
    const session = await open(outputs);
    try {
      for (const [tensor, value] of await session.run(feeds, session.floatOutputs)) {
        shapes.set(tensor, value.shape);
        for (const target of bySize.get(value.data.length) ?? []) {
          const { golden, at } = target;
          for (const order of listOrders(value.shape, golden.shape, golden.raw)) {
            const found = measure(value, target, order);
            if (found === null) continue;
            of[at]!.push({ at: places.get(tensor)!, ...found });
            orders.set(`${at}/${tensor}`, order);
            break;
          }
        }
      }
    } finally {
      await session.release();
    }
  }
  return { of, shapes, orderOf: (golden, tensor) => orders.get(`${golden}/${tensor}`) ?? null };
}

/** Of what is fed, by its name. */
export function shapesOf(feeds: ReadonlyMap<string, NdArray>): ReadonlyMap<string, readonly number[]> {
  return new Map([...feeds].map(([name, { shape }]) => [name, shape]));
}

const usualBytes = 2 ** 28;

/** What is less than this from a golden may be it. */
const near = 0.1;

interface Target {
  readonly at: number;
  readonly golden: SoughtGolden;
  /** Of each element of the whole, its place in a tensor with channels last; made when it is needed. */
  places: Uint32Array | null;
}

/** A golden whose elements are all alike agrees by chance. */
function tells({ value, kept, rms }: SoughtGolden): boolean {
  const first = value.findIndex((_, at) => kept?.[at] !== 0);
  return rms > 0 && value.some((one, at) => kept?.[at] !== 0 && one !== value[first]);
}

/** Null where it is a tenth or more. A sum that has passed that is not gone on with. */
function measure({ data }: Float32NdArray, target: Target, order: ProbeOrder): Omit<Distance, 'at'> | null {
  const { value, positions, kept, rms, shape, limits } = target.golden;
  if (order === 'last') target.places ??= placesOf(shape);
  const places = order === 'last' ? target.places : null;
  const counted = kept === null ? value.length : kept.reduce((sum, one) => sum + one, 0);
  const most = (near * rms) ** 2 * counted;
  let [squares, largest] = [0, 0];
  for (let start = 0; start < value.length; start += blockLength) {
    const end = Math.min(start + blockLength, value.length);
    for (let at = start; at < end; at++) {
      if (kept !== null && kept[at] === 0) continue;
      const whole = positions === null ? at : positions[at]!;
      const error = Math.abs(data[places === null ? whole : places[whole]!]! - value[at]!);
      squares += error * error;
      if (!(error <= largest)) largest = error;
    }
    // Written so that NaN ends it.
    if (!(squares < most)) return null;
  }
  const relRms = Math.sqrt(squares / counted) / rms;
  return { relRms, agrees: relRms <= limits.relRms && largest / rms <= limits.maxOverRms };
}

const blockLength = 256;
