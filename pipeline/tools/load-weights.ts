import { extname } from 'node:path';
import type { Device } from '../../harness/contract/device.js';
import type { LoadedModel, ModelSection, Port } from '../../harness/contract/port.js';
import { portThatCan, runsGraphs } from '../../harness/hosts/read-ports.js';
import { listGraphEndings, resolveGraph } from '../../harness/hosts/resolve-port.js';
import { UserError } from '../../harness/support/errors.js';
import { findModel } from '../../models/registry.js';
import { readModelWeights } from '../weights/export-weights.js';
import { openPort, openTarget } from './open-port.js';

/**
 * A port with the weights of a file in it; or, of a file that is a port by itself (.onnx), with what that file holds.
 */
export async function loadWeights(
  options: { readonly model_path: string; readonly port: string; readonly device: Device },
  section: ModelSection,
  environment: NodeJS.ProcessEnv,
  threads?: number,
): Promise<{ readonly port: Port; readonly loaded: LoadedModel; readonly said: string }> {
  const { model_path: path, device } = options;
  if (resolveGraph(path, {}) !== null) {
    validatePort(options.port, path);
    return loadGraph(path, section, { device, environment, threads });
  }
  const definition = await findModel(section);
  const parameters = definition.parameters(definition.parse(section));
  const weights = await readModelWeights(path, parameters);
  const port = await openPort(options.port, device, environment, threads);
  const loaded = await port.load(section, weights);
  return { port, loaded, said: `${weights.size} of ${parameters.size} tensors from ${path}` };
}

/**
 * A file that is a port runs as it is, with the weights that it holds; the yml says what it draws and how many classes
 * there are.
 */
export async function loadGraph(
  path: string,
  section: ModelSection,
  {
    device,
    environment,
    threads,
  }: { readonly device: Device; readonly environment: NodeJS.ProcessEnv; readonly threads: number | undefined },
): Promise<{ readonly port: Port; readonly loaded: LoadedModel; readonly said: string }> {
  // The path as the user wrote it, for messages.
  const target = resolveGraph(path, { path, ownWeights: true, judged: false });
  if (target === null)
    throw new UserError(`Cannot run ${path}: it is not an ${listGraphEndings().join(' or ')} file, one is wanted`);
  const port = await openTarget(target, device, environment, threads);
  const loaded = await port.load(section, new Map());
  const { said = [] } = loaded;
  return { port, loaded, said: [`graph and weights from ${path}`, ...said].join('; ') };
}

function validatePort(name: string, path: string): void {
  if (runsGraphs(name)) return;
  const { name: able, runsOn } = portThatCan('graph');
  throw new UserError(
    `Cannot run ${path} in port ${name}: an ${extname(path)} file runs in ${runsOn} alone. Fix: --port ${able}`,
  );
}
