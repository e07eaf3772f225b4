import type { Float32NdArray } from '../../harness/contract/nd-array.js';
import type { Port, PortOptions } from '../../harness/contract/port.js';
import { UserError } from '../../harness/support/errors.js';
import { listDrawingNodes } from '../../onnx/draws.js';
import type { GraphProto } from '../../onnx/model-proto.js';
import { findPrecision } from '../../onnx/precision.js';
import { type ProbeMap, readProbeMap, validateProbeMap } from '../../onnx/probe-map.js';
import { readOnnxModel } from '../../onnx/read-model.js';
import { listFreeInputs } from '../../onnx/tensors.js';
import { compareWeights, putWeights, validateOwnWeights } from '../../onnx/weights.js';
import { openRuntime } from '../ort/session.js';
import { loadOnnxModel } from './load-model.js';

export interface OnnxFileOptions extends PortOptions {
  /** A YAML file of `probe: tensor` lines. Absent: probes are tensors of their own names. */
  readonly map?: string;
  /** Whether the file's own weights are kept and compared with the bundle's. Else the bundle's are put in. */
  readonly ownWeights?: boolean;
  /**
   * Whether it is judged, and so must give logits in float32. Absent: it is judged. False: it runs, whatever it gives.
   */
  readonly judged?: boolean;
}

/** `settings`: `path` of the file, and optionally `map` and `ownWeights`. */
export function createPort(options: PortOptions): Promise<Port> {
  const { path, map, ownWeights } = options.settings ?? {};
  if (typeof path !== 'string')
    throw new UserError('Cannot use port onnx-file: settings.path is missing; a file is wanted');
  return createOnnxFilePort(path, {
    ...options,
    ...(typeof map === 'string' ? { map } : {}),
    ...(ownWeights === true ? { ownWeights } : {}),
  });
}

/**
 * A port of a user's ONNX file, feature maps in NCHW, tokens [b, n, c], run in onnxruntime-node.
 * Throws a UserError where the file or the map cannot be used; `load` throws one where the weights do not fit.
 */
export async function createOnnxFilePort(path: string, options: OnnxFileOptions): Promise<Port> {
  const { map: mapPath, ownWeights = false, judged = true } = options;
  const { graph } = await readOnnxModel(path);
  if (judged) validatePrecision(graph, path);
  const map: ProbeMap = mapPath === undefined ? new Map() : await readProbeMap(mapPath);
  validateProbeMap(map, graph, path);
  const runtime = await openRuntime(options);
  return {
    report: { ...runtime.report, details: { ...runtime.report.details, ...describeFile(graph) } },
    phases: ['infer'],
    replacesProbes: true,
    async load(_section, weights) {
      // Read again for each bundle: the first copy holds the weights and draws of the last bundle.
      const model = await readOnnxModel(path);
      if (ownWeights) validateOwnWeights(model.graph, weights, path);
      else putWeights(model.graph, weights, path);
      const details = { weights: ownWeights ? describeComparison(model.graph, weights) : describeReplaced(weights) };
      return { ...loadOnnxModel(runtime, { path, model, map, judged }), details };
    },
    close: async () => undefined,
  };
}

function validatePrecision(graph: GraphProto, path: string): void {
  const precision = findPrecision(graph);
  if (precision === null) return;
  throw new UserError(
    `Cannot judge ${path}: it computes in ${precision.said}, and ${precision.name} is not judged yet; float32 is wanted. Fix: the float32 file that it was made of`,
  );
}

function describeFile(graph: GraphProto): Record<string, string> {
  const drawing = listDrawingNodes(graph).map(({ opType, name, output }) => `${opType} ${name ?? output?.[0] ?? ''}`);
  return {
    inputs: listFreeInputs(graph)
      .map(({ name }) => name)
      .join(', '),
    ...(drawing.length === 0 ? {} : { 'replaced by the draws of the bundle': drawing.join(', ') }),
  };
}

function describeReplaced(weights: ReadonlyMap<string, Float32NdArray>): string {
  return `the bundle's ${weights.size} in place of the file's own (--own-weights keeps those)`;
}

/** Weights that `validateOwnWeights` has found to be equal to the bundle's. */
function describeComparison(graph: GraphProto, weights: ReadonlyMap<string, Float32NdArray>): string {
  const { equal, absent } = compareWeights(graph, weights);
  const compared = `the file's own: ${equal.length} of ${weights.size} compared, equal to the bundle's`;
  return absent.length === 0
    ? compared
    : `${compared}; ${absent.length} are not in it under their names (${absent[0]}, …)`;
}
