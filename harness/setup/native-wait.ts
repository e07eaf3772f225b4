import type { Device } from '../contract/device.js';
import { tell } from '../support/console.js';
import { EnvironmentError } from '../support/errors.js';
import { resolveDevice } from '../support/find-gpu.js';
import { isNativeLockHeld, nativeStatus } from '../support/native-lock.js';
import type { EngineDevice } from './engines.js';
import type { PortAbout } from './port-about.js';

const pollMs = 500;

/**
 * Waits while another process prepares the native part of a port, where it has one, and says once each thing that that
 * process is doing. Returns at once where it is ready. Throws an EnvironmentError where it is not there and nobody is
 * at work on it. `auto` waits for what `tipcheck prepare --device auto` makes on this machine, and takes the other
 * where only that is there.
 */
export async function waitForNative(name: string, about: PortAbout | null, asked: Device = 'auto'): Promise<void> {
  if (about?.kind !== 'named' || about.native === null) return;
  const { native } = about;
  const { device } = resolveDevice(asked);
  const folder = native.folder(device);
  let said = '';
  while (!native.isReady(device) && (await isNativeLockHeld(folder))) {
    const status = nativeStatus(folder);
    if (status !== said) tell(`waiting for ${name}: ${status}`);
    said = status;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  const fit: readonly EngineDevice[] = asked === 'auto' ? ['gpu', 'cpu'] : [device];
  if (fit.some((flavour) => native.isReady(flavour))) return;
  throw new EnvironmentError(
    `Cannot run port ${name} on the ${device}: its native part is not in ${folder}. Fix: npx tipcheck prepare --port ${name}${asked === 'auto' ? '' : ` --device ${asked}`}`,
  );
}
