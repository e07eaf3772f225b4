import type { Device } from '../harness/contract/device.js';
import type { PrepareContext } from '../harness/setup/prepare-context.js';
import { resolveDevice } from '../harness/support/find-gpu.js';
import type { Progress } from '../harness/support/progress.js';
import { prepare as prepareOrt } from '../ports/ort/prepare.js';
import { prepare as prepareTfjs } from '../ports/tfjs/prepare.js';
import { prepare as prepareTfjsWasm } from '../ports/tfjs-wasm/prepare.js';

const portSetups = { ort: prepareOrt, tfjs: prepareTfjs, 'tfjs-wasm': prepareTfjsWasm };

export type PreparablePort = keyof typeof portSetups;
export const preparablePorts = Object.keys(portSetups) as readonly PreparablePort[];

/**
 * The native set-up: brings what npm cannot carry into the cache outside node_modules. Quick where it is done already,
 * safe to interrupt and to run twice at once. Throws an EnvironmentError that names what is missing.
 */
export async function prepare(ports: readonly PreparablePort[], asked: Device, progress: Progress): Promise<void> {
  const { device, because } = resolveDevice(asked);
  progress.step(`device: ${device}, because ${because}`);
  for (const port of ports) {
    const context: PrepareContext = { device: port === 'tfjs-wasm' ? 'cpu' : device, progress };
    await portSetups[port](context);
  }
}
