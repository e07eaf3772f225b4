import type { Device } from '../harness/contract/device.js';
import { namedPorts } from '../harness/hosts/read-ports.js';
import type { NamedPort } from '../harness/setup/port-about.js';
import { resolveDevice } from '../harness/support/find-gpu.js';
import type { Progress } from '../harness/support/progress.js';

/** By the names that `tipcheck prepare --port` takes. */
export const preparablePorts = namedPorts.filter(({ prepare }) => prepare !== null);

/**
 * The native set-up: brings what npm cannot carry into the cache outside node_modules. Quick where it is done already,
 * safe to interrupt and to run twice at once. Throws an EnvironmentError that names what is missing.
 */
export async function prepare(
  ports: readonly Pick<NamedPort, 'prepare' | 'cpuOnly'>[],
  asked: Device,
  progress: Progress,
): Promise<void> {
  const { device, because } = resolveDevice(asked);
  progress.step(`device: ${device}, because ${because}`);
  for (const port of ports) {
    const setup = await port.prepare?.();
    await setup?.prepare({ device: port.cpuOnly ? 'cpu' : device, progress });
  }
}
