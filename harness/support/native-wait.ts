import { type EngineDevice, findTfjsAddon, tfjsAddonFolder } from './engines.js';
import { EnvironmentError } from './errors.js';
import { isNativeLockHeld, nativeStatus } from './native-lock.js';

const pollMs = 500;

/**
 * Waits while another process prepares the native part of `port`, calling `onWait` with what that process is doing.
 * Returns at once where it is ready. Throws an EnvironmentError where it is not there and nobody is at work on it.
 */
export async function waitForNative(
  port: 'tfjs',
  onWait: (status: string) => void,
  device: EngineDevice = 'cpu',
): Promise<void> {
  const folder = tfjsAddonFolder(device);
  while (findTfjsAddon(device) === null && (await isNativeLockHeld(folder))) {
    onWait(nativeStatus(folder));
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  if (findTfjsAddon(device) !== null) return;
  throw new EnvironmentError(
    `Cannot run port ${port} on the ${device}: its native part is not in ${folder}. Fix: npx tipcheck prepare --port ${port} --device ${device}`,
  );
}
