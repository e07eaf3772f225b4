import { extname } from 'node:path';
import type { Device, LoadedModel, ModelSection, Port } from '../harness/hosts/port-contract.js';
import { UserError } from '../harness/support/errors.js';
import { findModel } from '../models/registry.js';
import { createOnnxFilePort } from '../ports/onnx-file/port.js';
import { readOnnxModel } from '../ports/onnx-file/read-model.js';
import { validateShapes } from '../ports/onnx-file/weights.js';
import { readModelWeights } from './export-weights.js';
import { openPort } from './open-port.js';

/** A port with the weights of a file in it; or, of an .onnx file, with what that file holds. */
export async function loadWeights(
  options: { readonly model_path: string; readonly port: string; readonly device: Device },
  section: ModelSection,
  threads?: number,
): Promise<{ readonly port: Port; readonly loaded: LoadedModel; readonly said: string }> {
  const { model_path: path, device } = options;
  if (extname(path) === '.onnx') return loadOnnxFile(options, section, threads);
  const definition = await findModel(section);
  const parameters = definition.parameters(definition.parse(section));
  const weights = await readModelWeights(path, parameters);
  const port = await openPort(options.port, device, threads);
  const loaded = await port.load(section, weights);
  return { port, loaded, said: `${weights.size} of ${parameters.size} tensors from ${path}` };
}

/** An .onnx file runs as it is, with the weights that it holds; the yml says what it draws and how many classes there are. */
async function loadOnnxFile(
  { model_path: path, port: name, device }: Parameters<typeof loadWeights>[0],
  section: ModelSection,
  threads: number | undefined,
) {
  if (name !== 'ort')
    throw new UserError(`Cannot run ${path} in port ${name}: an .onnx file runs in onnxruntime alone. Fix: --port ort`);
  const definition = await findModel(section);
  validateShapes((await readOnnxModel(path)).graph, definition.parameters(definition.parse(section)), path);
  const port = await createOnnxFilePort(path, {
    device,
    ownWeights: true,
    ...(threads === undefined ? {} : { threads }),
  });
  return { port, loaded: await port.load(section, new Map()), said: `graph and weights from ${path}` };
}
