import { type NdArray, sameShape } from '../../harness/contract/nd-array.js';
import type { FoundBy, FoundProbe, SoughtGolden } from '../../harness/contract/port.js';
import { assignProbes, type Distance, type Sought } from '../../onnx/assign-probes.js';
import { listCandidates } from '../../onnx/candidate-tensors.js';
import type { FollowedWeights } from '../../onnx/follow-weights.js';
import type { GraphProto, ModelProto } from '../../onnx/model-proto.js';
import { listModules } from '../../onnx/module-names.js';
import { listOrders, type ProbeOrder } from '../../onnx/probe-order.js';
import type { Runtime } from '../ort/session.js';
import { measureDistances } from './measure-distances.js';

export interface FoundTensors {
  readonly probes: readonly FoundProbe[];
  readonly placed: ReadonlyMap<string, PlacedProbe>;
}

/** A probe that was looked for by its golden. */
export interface PlacedProbe {
  /** Null: the file has none. */
  readonly tensor: string | null;
  /** Of the golden. */
  readonly shape: readonly number[];
  readonly raw: boolean;
  /** How its elements stand in the tensor; null: its shape tells. */
  readonly order: ProbeOrder | null;
}

export interface FindOptions {
  readonly model: ModelProto & { graph: GraphProto };
  readonly followed: FollowedWeights;
  /** By the graph's inputs. */
  readonly feeds: ReadonlyMap<string, NdArray>;
  /** All of a bundle's. */
  readonly goldens: readonly SoughtGolden[];
  /** The tensor that the map, the output or a name says; null where none does. */
  say(probe: string): { readonly tensor: string; readonly by: FoundBy } | null;
}

/** Finds the tensors of all probes of a bundle in a file. */
export async function findTensors(
  runtime: Runtime,
  { model, followed, feeds, goldens, say }: FindOptions,
): Promise<FoundTensors> {
  const isSaid = goldens.every(({ name }) => say(name) !== null);
  const tensors = isSaid ? [] : listCandidates(model.graph);
  const distances = await measureDistances(runtime, model, tensors, feeds, goldens);
  const probes = goldens.map(
    (golden, at): Sought => ({
      name: golden.name,
      golden: goldens.findIndex((other, before) => before === at || (before < at && isEqual(other, golden))),
      said: say(golden.name),
      byWeights: followed.outputs.get(golden.name) ?? null,
      folded: followed.folded.has(golden.name),
    }),
  );
  const fits = (tensor: string, at: number) => {
    const shape = distances.shapes.get(tensor);
    return shape !== undefined && listOrders(shape, goldens[at]!.shape, goldens[at]!.raw).length > 0;
  };
  const modules = listModules(model.graph);
  const assigned = assignProbes(probes, tensors, distances.of, fits);
  return {
    probes: assigned.map((one, at) => {
      const module = one.tensor === null ? undefined : modules.get(one.tensor);
      const elsewhere =
        one.tensor !== null && one.by === 'map' ? agreeing(one.tensor, tensors, distances.of[at]!) : null;
      return {
        ...{ name: goldens[at]!.name, ...one },
        ...(module === undefined ? {} : { module }),
        ...(elsewhere === null ? {} : { elsewhere }),
      };
    }),
    placed: new Map(
      assigned.map(({ tensor }, at) => {
        const { name, shape, raw } = goldens[at]!;
        const order = tensor === null ? null : distances.orderOf(at, tensor);
        return [name, { tensor, shape, raw, order }];
      }),
    ),
  };
}

/** The nearest tensor that agrees, where `mapped` does not. */
function agreeing(mapped: string, tensors: readonly string[], distances: readonly Distance[]): string | null {
  const found = distances.filter(({ agrees }) => agrees).sort((a, b) => a.relRms - b.relRms);
  const names = found.map(({ at }) => tensors[at]!);
  return names.includes(mapped) ? null : (names[0] ?? null);
}

/** Of sampled ones, which are drawn at other places, the rms of the whole and the noise tell. */
function isEqual(a: SoughtGolden, b: SoughtGolden): boolean {
  if (!sameShape(a.shape, b.shape) || a.value.length !== b.value.length || a.rms !== b.rms) return false;
  if (samePlaces(a, b)) return a.value.every((one, at) => one === b.value[at]);
  const isSampled = a.positions !== null && b.positions !== null;
  return isSampled && a.limits.relRms === b.limits.relRms && a.limits.maxOverRms === b.limits.maxOverRms;
}

function samePlaces({ positions: a }: SoughtGolden, { positions: b }: SoughtGolden): boolean {
  return a === b || (a !== null && b !== null && a.every((one, at) => one === b[at]));
}
