import type { Device } from '../harness/contract/device.js';
import { namedPorts } from '../harness/hosts/read-ports.js';
import { resolveEngine } from '../harness/hosts/resolve-engine.js';
import { resolveInEngine } from '../harness/hosts/resolve-port.js';
import { startSubprocessHost } from '../harness/hosts/subprocess-host.js';
import type { CudaMajor } from '../harness/setup/cuda-sets.js';
import type { NamedPort } from '../harness/setup/port-about.js';
import { prepareOnnxEngine } from '../harness/setup/prepare-onnx-engine.js';
import { onnxEngines } from '../harness/setup/read-onnx-engines.js';
import { UserError } from '../harness/support/errors.js';
import { findGpu, resolveDevice } from '../harness/support/find-gpu.js';
import type { Progress } from '../harness/support/progress.js';

/** By the names that `tipcheck prepare --port` takes. */
export const preparablePorts = namedPorts.filter(({ prepare }) => prepare !== null);

/**
 * The native set-up: brings what npm cannot carry into the cache outside node_modules. Quick where it is done already,
 * safe to interrupt and to run twice at once. Throws an EnvironmentError that names what is missing.
 */
export async function prepare(
  ports: readonly Pick<NamedPort, 'prepare' | 'cpuOnly'>[],
  asked: { readonly device: Device; readonly cuda: 'auto' | CudaMajor },
  progress: Progress,
): Promise<void> {
  const { device, because } = resolvePrepared(asked);
  progress.step(`device: ${device}, because ${because}`);
  for (const port of ports) {
    const setup = await port.prepare?.();
    await setup?.prepare({ device: port.cpuOnly ? 'cpu' : device, cuda: asked.cuda, progress });
  }
}

/** An engine that runs ONNX files, and the self-test by which it is known to run. */
export async function prepareEngine(name: string, progress: Progress): Promise<void> {
  await prepareOnnxEngine(onnxEngines.find((one) => one.name === name)!, progress);
  const { module, settings } = resolveInEngine(resolveEngine(name), null, {});
  const host = await startSubprocessHost(name, { module, settings, device: 'auto', silenceMs: 600_000 });
  const { engine, version, device, provider } = host.started.report;
  await host.close();
  progress.step(`${name}: its convolution is right (${engine} ${version} on ${device}, ${provider})`);
}

/** A set of CUDA that is named is fetched where no GPU is, too: for an image of a container, say. */
function resolvePrepared({ device, cuda }: { device: Device; cuda: 'auto' | CudaMajor }) {
  if (cuda === 'auto') return resolveDevice(device);
  if (device !== 'gpu')
    throw new UserError(
      `Cannot prepare CUDA ${cuda} for the device ${device}: it is of the device gpu. Fix: --device gpu`,
    );
  const { evidence } = findGpu();
  return { device, because: `it was asked for with CUDA ${cuda}; ${evidence}` };
}
