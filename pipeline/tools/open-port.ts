import { pathToFileURL } from 'node:url';
import type { Device } from '../../harness/contract/device.js';
import type { Port, PortModule } from '../../harness/contract/port.js';
import { type PortTarget, resolvePort } from '../../harness/hosts/resolve-port.js';
import { validateDevice } from '../../harness/hosts/validate-device.js';
import { waitForNative } from '../../harness/setup/native-wait.js';
import { UserError } from '../../harness/support/errors.js';

/**
 * Opens a port in this process, for a command that trains or infers with it rather than judging it.
 * @param spec a built-in name or a path, as `tipcheck judge` takes it
 * @param environment this process's own, and no other object: engines read it when they are loaded
 */
export function openPort(
  spec: string,
  device: Device,
  environment: NodeJS.ProcessEnv,
  threads?: number,
): Promise<Port> {
  return openTarget(resolvePort(spec), device, environment, threads);
}

export async function openTarget(
  { name: spec, module, settings, about }: PortTarget,
  device: Device,
  environment: NodeJS.ProcessEnv,
  threads?: number,
): Promise<Port> {
  if (environment !== process.env)
    throw new Error("a port was opened with an environment that engines do not read; this process's own is wanted");
  await waitForNative(spec, about);
  // An fp32 port runs without TF32; the variable is read when its library is loaded.
  environment.NVIDIA_TF32_OVERRIDE ??= '0';
  environment.TF_CPP_MIN_LOG_LEVEL ??= '2';
  const imported: Partial<PortModule> = await import(pathToFileURL(module).href);
  if (typeof imported.createPort !== 'function')
    throw new UserError(`Cannot use ${spec} as a port: it exports no function createPort. Fix: see docs/add-a-port.md`);
  const port = await imported.createPort({ device, settings, ...(threads === undefined ? {} : { threads }) });
  try {
    validateDevice(spec, device, port.report);
  } catch (error) {
    await port.close();
    throw error;
  }
  return port;
}

/** Which device `auto` became, and what runs there. */
export function describePort({ report: { engine, version, device, provider } }: Pick<Port, 'report'>): string {
  return `${engine} ${version} on ${device} (${provider})`;
}
