import { extname } from 'node:path';
import type { Device, LoadedModel, ModelSection, Port } from '../harness/hosts/port-contract.js';
import { UserError } from '../harness/support/errors.js';
import { findModel } from '../models/registry.js';
import { readModelWeights } from './export-weights.js';
import { openPort } from './open-port.js';

/** A port with the weights of a file in it; or, of an .onnx file, with what that file holds. */
export async function loadWeights(
  options: { readonly model_path: string; readonly port: string; readonly device: Device },
  section: ModelSection,
  threads?: number,
): Promise<{ readonly port: Port; readonly loaded: LoadedModel; readonly said: string }> {
  const { model_path: path, device } = options;
  const definition = await findModel(section);
  const parameters = definition.parameters(definition.parse(section));
  if (extname(path) === '.onnx')
    throw new UserError(
      `Cannot evaluate ${path}: an .onnx file is not evaluated yet; .pdparams, .safetensors or .npz is wanted`,
    );
  const weights = await readModelWeights(path, parameters);
  const port = await openPort(options.port, device, threads);
  const loaded = await port.load(section, weights);
  return { port, loaded, said: `${weights.size} of ${parameters.size} tensors from ${path}` };
}
