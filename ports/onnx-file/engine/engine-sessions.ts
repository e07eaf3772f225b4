import type { NdArray } from '../../../harness/contract/nd-array.js';
import { cannot, EnvironmentError } from '../../../harness/support/errors.js';
import { type Cut, cutModel, findOrigins, fixInputs, type Sized } from '../../../onnx/cut-graph.js';
import { nameElementType } from '../../../onnx/element-types.js';
import { encodeModel, type GraphProto, type ModelProto } from '../../../onnx/model-proto.js';
import { observeModel, replacementName } from '../../../onnx/observe.js';
import { listFreeInputs } from '../../../onnx/tensors.js';
import { asElements } from '../../ort/as-elements.js';
import type { Runtime } from '../../ort/session.js';
import { explainRefusal } from '../explain-refusal.js';
import { shapesOf } from '../measure-distances.js';
import { type Asked, type FileSessions, placeReplacement, type Replacement } from '../open-sessions.js';
import type { Engine } from './engine.js';
import type { RawArray } from './exchange.js';

/**
 * A file in an engine that knows `load` and `run` alone. Sizes come from ONNX Runtime, which reads the file first: what
 * it refuses is the file's fault and not the engine's.
 */
export function openEngineSessions(
  engine: Engine,
  runtime: Runtime,
  path: string,
  model: ModelProto & { graph: GraphProto },
): FileSessions {
  const look = openShapes(runtime, path, model);
  // What it gave with probes it must give where they are replaced, or its own errors were not judged.
  const lost = new Set<string>();
  return {
    async run(asked, tensors, replacements) {
      const isUntouched = replacements.size === 0 && isShipped(model.graph, tensors);
      const originOf = isUntouched ? (tensor: string) => tensor : findOrigins(model.graph);
      const replaced = byOrigin(replacements, originOf);
      const wanted = sortAsMade(model.graph, [...new Set(tensors.map(originOf))]);
      const shapes = await look([...wanted, ...replaced.keys()], asked);
      const sized = (tensor: string): Sized => ({ tensor, shape: shapes.get(tensor)! });
      const standIns = new Map(
        [...replaced].map(([tensor, { by }]) => [tensor, placeReplacement(by, shapes.get(tensor)!)]),
      );
      const cut: Cut = {
        outputs: wanted.map(sized),
        replaced: [...replaced.keys()].map(sized),
        inputs: shapesOf(asked.feeds),
      };
      const graph = isUntouched ? observeModel(model, { outputs: wanted, replaced: [] }) : cutModel(model, cut);
      const feeds = listFeeds(graph.graph!, asked.feeds, standIns);
      const loaded = await engine.load({
        bytes: encodeModel(graph),
        inputs: feeds.map(({ data, ...input }) => input),
        outputs: cut.outputs.map(({ tensor, shape }) => ({ name: tensor, shape })),
      });
      for (const name of loaded.notGiven) {
        if (replaced.size > 0 && !lost.has(name))
          throw new EnvironmentError(
            `Engine ${engine.name} gave ${name} before, and not in the run with replaced tensors; an output that it gave once is wanted in each run`,
          );
        lost.add(name);
      }
      const values = await loaded.run(feeds);
      return new Map(
        tensors.flatMap((tensor) => {
          const origin = originOf(tensor);
          const isCopy = replaced.has(origin) && replaced.get(origin)!.tensor !== tensor;
          const value = isCopy ? standIns.get(origin) : values.get(origin);
          return value === undefined ? [] : [[tensor, value] as const];
        }),
      );
    },
    release: () => engine.close(),
  };
}

function isShipped({ output = [] }: GraphProto, tensors: readonly string[]): boolean {
  return tensors.every((tensor) => output.some(({ name }) => name === tensor));
}

/** Of several names of one tensor, the first is replaced; the others then copy what stands in for it. */
function byOrigin(replacements: ReadonlyMap<string, Replacement>, originOf: (tensor: string) => string) {
  const replaced = new Map<string, { readonly tensor: string; readonly by: Replacement }>();
  for (const [tensor, by] of replacements) {
    const origin = originOf(tensor);
    if (!replaced.has(origin)) replaced.set(origin, { tensor, by });
  }
  return replaced;
}

/** In the order in which the file makes them: some converters number their outputs so. */
function sortAsMade({ node = [] }: GraphProto, tensors: readonly string[]): string[] {
  const places = new Map(node.flatMap(({ output = [] }) => output).map((name, at) => [name, at]));
  return [...tensors].sort((a, b) => (places.get(a) ?? -1) - (places.get(b) ?? -1));
}

/** What the graph's inputs are fed, in their order. */
function listFeeds(
  graph: GraphProto,
  feeds: ReadonlyMap<string, NdArray>,
  standIns: ReadonlyMap<string, NdArray>,
): RawArray[] {
  const given = new Map([...feeds, ...[...standIns].map(([tensor, one]) => [replacementName(tensor), one] as const)]);
  return listFreeInputs(graph).map(({ name = '', type }) => {
    const { data, shape } = given.get(name)!;
    const elementType = nameElementType(type?.tensorType?.elemType ?? 1);
    const dtype = dtypes[elementType];
    if (dtype === undefined) throw new EnvironmentError(`Cannot feed ${name}: its input is ${elementType}`);
    return { name, dtype, shape, data: asElements(data, elementType, name) };
  });
}

/** Of what ONNX calls them. */
const dtypes: Readonly<Record<string, string>> = {
  ...{ float32: 'f4', float64: 'f8', int64: 'i8', int32: 'i4', int16: 'i2', int8: 'i1' },
  ...{ uint8: 'u1', uint16: 'u2', uint32: 'u4', bool: 'b1' },
};

/** The sizes of tensors, by ONNX Runtime: without running the graph as far as it can tell. */
function openShapes(runtime: Runtime, path: string, model: ModelProto & { graph: GraphProto }) {
  const known = new Map<string, readonly number[]>();
  const { engine, version } = runtime.report;
  const fixed = (feeds: Asked['feeds']) => ({ ...model, graph: fixInputs(model.graph, shapesOf(feeds)) });
  const open = (tensors: readonly string[], feeds: Asked['feeds']) =>
    runtime.openSession(encodeModel(observeModel(fixed(feeds), { outputs: tensors, replaced: [] })), 'disabled', {
      logSeverityLevel: 4,
    });
  const look = async (tensors: readonly string[], feeds: Asked['feeds'], runs: boolean) => {
    const session = await open(tensors, feeds);
    try {
      // An engine is asked for float32 alone.
      const note = (tensor: string, shape: readonly number[]) => {
        if (!session.halfOutputs.has(tensor)) known.set(tensor, shape);
      };
      for (const [tensor, shape] of session.floatShapes) note(tensor, shape);
      if (runs) for (const [tensor, { shape }] of await session.run(feeds, session.floatOutputs)) note(tensor, shape);
    } finally {
      await session.release();
    }
  };
  return async (tensors: readonly string[], { feeds, given }: Asked) => {
    const unknown = () => [...new Set(tensors)].filter((tensor) => !known.has(tensor));
    try {
      if (unknown().length > 0) await look(unknown(), feeds, false);
      if (unknown().length > 0) await look(unknown(), feeds, true);
    } catch (error) {
      throw explainRefusal(error, path, `${engine} ${version}`, `for ${given}`);
    }
    const [lacking] = unknown();
    if (lacking !== undefined)
      throw cannot('judge', path, `its tensor ${lacking} is not float32`, 'a tensor of float32 is wanted');
    return known;
  };
}
