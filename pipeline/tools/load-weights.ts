import { extname } from 'node:path';
import type { Device } from '../../harness/contract/device.js';
import type { LoadedModel, ModelSection, Port } from '../../harness/contract/port.js';
import { UserError } from '../../harness/support/errors.js';
import { findModel } from '../../models/registry.js';
import { findPrecision } from '../../onnx/precision.js';
import { readOnnxModel } from '../../onnx/read-model.js';
import { validateShapes } from '../../onnx/weights.js';
import { createOnnxFilePort } from '../../ports/onnx-file/port.js';
import { readModelWeights } from '../weights/export-weights.js';
import { openPort } from './open-port.js';

/** A port with the weights of a file in it; or, of an .onnx file, with what that file holds. */
export async function loadWeights(
  options: { readonly model_path: string; readonly port: string; readonly device: Device },
  section: ModelSection,
  threads?: number,
): Promise<{ readonly port: Port; readonly loaded: LoadedModel; readonly said: string }> {
  const { model_path: path, device } = options;
  if (extname(path) === '.onnx') {
    validatePort(options.port, path);
    return loadOnnxFile(path, section, { device, threads });
  }
  const definition = await findModel(section);
  const parameters = definition.parameters(definition.parse(section));
  const weights = await readModelWeights(path, parameters);
  const port = await openPort(options.port, device, threads);
  const loaded = await port.load(section, weights);
  return { port, loaded, said: `${weights.size} of ${parameters.size} tensors from ${path}` };
}

/** An .onnx file runs as it is, with the weights that it holds; the yml says what it draws and how many classes there are. */
export async function loadOnnxFile(
  path: string,
  section: ModelSection,
  { device, threads }: { readonly device: Device; readonly threads: number | undefined },
): Promise<{ readonly port: Port; readonly loaded: LoadedModel; readonly said: string }> {
  const definition = await findModel(section);
  const { graph } = await readOnnxModel(path);
  validateShapes(graph, definition.parameters(definition.parse(section)), path);
  const port = await createOnnxFilePort(path, {
    device,
    ownWeights: true,
    judged: false,
    ...(threads === undefined ? {} : { threads }),
  });
  const loaded = await port.load(section, new Map());
  return { port, loaded, said: `graph and weights from ${path}${describeGraph(graph, loaded)}` };
}

function validatePort(name: string, path: string): void {
  if (name === 'ort') return;
  throw new UserError(`Cannot run ${path} in port ${name}: an .onnx file runs in onnxruntime alone. Fix: --port ort`);
}

/** What the file is that users may not expect. */
function describeGraph(graph: Parameters<typeof findPrecision>[0], { result }: LoadedModel): string {
  const precision = findPrecision(graph);
  return [
    ...(precision === null ? [] : [`it computes in ${precision.said} (${precision.name})`]),
    ...(result === undefined
      ? []
      : [
          `it gives ${result.holds} (${result.by}), ${result.holds === 'labels' ? 'which are used as they are' : 'of which the labels are used'}`,
        ]),
  ]
    .map((text) => `; ${text}`)
    .join('');
}
