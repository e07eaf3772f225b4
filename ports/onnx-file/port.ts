import type { EngineReport } from '../../harness/contract/engine-report.js';
import type { Float32NdArray } from '../../harness/contract/nd-array.js';
import type { LoadedModel, ModelSection, Port, PortOptions } from '../../harness/contract/port.js';
import { UserError } from '../../harness/support/errors.js';
import { findModel } from '../../models/registry.js';
import { describeNode } from '../../onnx/describe-node.js';
import { listDrawingNodes } from '../../onnx/draws.js';
import { followWeights } from '../../onnx/follow-weights.js';
import { decodeModel, type GraphProto } from '../../onnx/model-proto.js';
import { findPrecision } from '../../onnx/precision.js';
import { type ProbeMap, readProbeMap, validateProbeMap } from '../../onnx/probe-map.js';
import { listRandomNodes } from '../../onnx/random-nodes.js';
import { readOnnxModel } from '../../onnx/read-model.js';
import { listFreeInputs } from '../../onnx/tensors.js';
import { placeWeights, validateShapes } from '../../onnx/weights.js';
import { exportModel } from '../ort/export-model.js';
import { openRuntime, type Runtime } from '../ort/session.js';
import { type EngineSettings, openEngine } from './engine/open-engine.js';
import { listNamings } from './list-namings.js';
import { loadOnnxModel } from './load-model.js';
import type { OnnxFile } from './onnx-file.js';
import { readNormalDraws } from './read-normal-draws.js';

export interface OnnxFileOptions extends PortOptions {
  /** A YAML file of `probe: tensor` lines. Absent: probes are tensors of their own names. */
  readonly map?: string;
  /** Whether the file's own weights are kept and compared with the bundle's. Else the bundle's are put in. */
  readonly ownWeights?: boolean;
  /**
   * Whether it is judged, and so must give logits in float32. Absent: it is judged. False: it runs, whatever it gives.
   */
  readonly judged?: boolean;
  /** What runs the file; absent: onnxruntime-node. */
  readonly engine?: EngineSettings;
  /** Of onnxruntime-node; absent: the port's own. */
  readonly release?: string;
}

/**
 * `settings`: `path` of the file, and optionally `map`, `ownWeights`, `judged`, `engine` and `release`. With an engine
 * it may do without a file.
 */
export async function createPort(options: PortOptions): Promise<Port> {
  const { path, map, ownWeights, judged, engine, release } = options.settings ?? {};
  if (engine !== undefined && path === undefined) return createExportedPort(engine as EngineSettings, options);
  if (typeof path !== 'string')
    throw new UserError('Cannot use port onnx-file: settings.path is missing; a file is wanted');
  const port = await createOnnxFilePort(path, {
    ...options,
    ...(engine === undefined ? {} : { engine: engine as EngineSettings }),
    ...(typeof map === 'string' ? { map } : {}),
    ...(ownWeights === true ? { ownWeights } : {}),
    ...(judged === false ? { judged } : {}),
    ...(typeof release === 'string' ? { release } : {}),
  });
  if (judged !== false) return port;
  return {
    ...port,
    async load(section, weights) {
      await validateNetwork(path, section);
      return port.load(section, weights);
    },
  };
}

/**
 * A port of a user's ONNX file, feature maps in NCHW, tokens [b, n, c], run in onnxruntime-node or another engine.
 * Throws a UserError where the file or the map cannot be used; `load` throws one where the weights do not fit.
 */
export async function createOnnxFilePort(path: string, options: OnnxFileOptions): Promise<Port> {
  const { map: mapPath, ownWeights = false, judged = true } = options;
  const { graph } = await readOnnxModel(path);
  if (judged) validatePrecision(graph, path, options.engine !== undefined);
  const map: ProbeMap = mapPath === undefined ? new Map() : await readProbeMap(mapPath);
  validateProbeMap(map, graph, path);
  return openPort(
    options,
    (device) => describeFile(graph, device),
    async (runtime, section, weights, engine) => {
      // Read again for each bundle: the first copy holds the weights and draws of the last bundle.
      const model = await readOnnxModel(path);
      const namings = await listNamings(section, weights);
      const { said, ...matches } = placeWeights(model.graph, weights, path, { namings, map, own: ownWeights });
      const followed = followWeights(model.graph, matches);
      const named = [...weights.keys()];
      const isNormal = await readNormalDraws(section);
      const file = { path, model, map, judged, followed, weights: named, ...(isNormal === null ? {} : { isNormal }) };
      const normal = isNormal === null ? {} : describeDrawing(model.graph, 'Normal');
      const loaded = loadOnnxModel(runtime, { ...file, ...engine });
      return { ...loaded, details: { weights: said, ...normal }, said: describeGraph(model.graph, loaded) };
    },
  );
}

/** An engine without a file runs the bundle's own model, as `tipcheck export --layers` writes it. */
async function createExportedPort(engine: EngineSettings, options: PortOptions): Promise<Port> {
  return openPort(
    { ...options, engine },
    () => ({}),
    async (runtime, section, weights, opened) => {
      const bytes = await exportModel(section, weights, { draws: 'input', layers: true, origin: new Map() });
      const model = decodeModel(bytes) as OnnxFile['model'];
      const path = `the export of ${String(section.type)}`;
      return loadOnnxModel(runtime, { path, model, map: new Map(), judged: true, ...opened });
    },
  );
}

type Load = (
  runtime: Runtime,
  section: ModelSection,
  weights: ReadonlyMap<string, Float32NdArray>,
  engine: Pick<OnnxFile, 'engine'>,
) => Promise<LoadedModel>;

async function openPort(
  options: OnnxFileOptions,
  describe: (device: string) => Record<string, string>,
  load: Load,
): Promise<Port> {
  // Beside an engine it reads the graph, for sizes and for values by which tensors are found.
  const runtime = await openRuntime(options.engine === undefined ? options : { ...options, device: 'cpu' });
  const start = async (before: EngineReport | null) =>
    options.engine === undefined ? null : openEngine(options.engine, options, before);
  let engine = await start(null);
  const { report } = engine ?? runtime;
  return {
    report: { ...report, details: { ...report.details, ...describe(report.device) } },
    capabilities: new Set(['infer', 'replace', 'inputs']),
    async load(section, given) {
      // Whole numbers are buffers of torch, which no run reads and nobody compares (CONTRACT, section 4).
      const weights = new Map([...given].filter(([, { stored }]) => stored === undefined));
      // The program may remember the goldens of the last bundle, so it is started anew.
      const started = engine ?? (await start(report));
      engine = null;
      try {
        return await load(runtime, section, weights, started === null ? {} : { engine: started });
      } catch (error) {
        await started?.close();
        throw error;
      }
    },
    close: async () => engine?.close(),
  };
}

function validatePrecision(graph: GraphProto, path: string, inEngine: boolean): void {
  const precision = findPrecision(graph);
  if (precision === null) return;
  if (precision.name === 'fp16') {
    if (!inEngine) return;
    throw new UserError(
      `Cannot judge ${path} in another engine: it computes in ${precision.said}, and an engine is given and gives float32; a float32 file is wanted. Fix: leave out --engine, or the float32 file that it was made of`,
    );
  }
  throw new UserError(
    `Cannot judge ${path}: it computes in ${precision.said}, and ${precision.name} is not judged yet; float32 or float16 is wanted. Fix: the float32 file that it was made of`,
  );
}

/** A file that is not judged need not give a model's logits, but its weights must not be another model's. */
async function validateNetwork(path: string, section: ModelSection): Promise<void> {
  const definition = await findModel(section);
  validateShapes((await readOnnxModel(path)).graph, definition.parameters(definition.parse(section)), path);
}

/** What the file is that users may not expect. */
function describeGraph(graph: GraphProto, { result }: LoadedModel): string[] {
  const precision = findPrecision(graph);
  return [
    ...(precision === null ? [] : [`it computes in ${precision.said} (${precision.name})`]),
    ...(result === undefined
      ? []
      : [
          `it gives ${result.holds} (${result.by}), ${result.holds === 'labels' ? 'which are used as they are' : 'of which the labels are used'}`,
        ]),
  ];
}

function describeFile(graph: GraphProto, device: string): Record<string, string> {
  const random = listRandomNodes(graph).map(describeNode);
  const precision = findPrecision(graph);
  return {
    ...(precision === null
      ? {}
      : { 'computes in': `${precision.said} (${precision.name})${device === 'cpu' ? halfOnCpu : ''}` }),
    inputs: listFreeInputs(graph)
      .map(({ name }) => name)
      .join(', '),
    ...describeDrawing(graph, 'Uniform'),
    ...(random.length === 0 ? {} : { 'draws at random': random.join(', ') }),
  };
}

/** ONNX Runtime casts around operators without a kernel (insert_cast_transformer.cc), and the processor has few. */
const halfOnCpu = '; on the processor most of it in float32, between casts';

function describeDrawing(graph: GraphProto, kind: Parameters<typeof listDrawingNodes>[1]): Record<string, string> {
  const nodes = listDrawingNodes(graph, kind).map(describeNode);
  return nodes.length === 0 ? {} : { 'replaced by the draws of the bundle': nodes.join(', ') };
}
