import type { Device } from '../contract/device.js';
import type { EngineReport } from '../contract/engine-report.js';
import { EnvironmentError } from '../support/errors.js';

/**
 * A port must compute on the device that was asked of it, before anything that it computes is looked at.
 * @throws EnvironmentError where it reports another device, or one that there is not
 */
export function validateDevice(port: string, asked: Device, { device }: Pick<EngineReport, 'device'>): void {
  if (device !== 'cpu' && device !== 'gpu')
    throw new EnvironmentError(
      `Cannot run port ${port}: it reports the device ${renderDevice(device)}; cpu or gpu is wanted`,
    );
  if (asked === 'auto' || device === asked) return;
  throw new EnvironmentError(
    `Cannot run port ${port} on the ${asked}: it reports that it computes on the ${device}; the ${asked} was asked for. Fix: --device ${device}`,
  );
}

/** What a port reports may be anything. */
function renderDevice(device: unknown): string {
  return (JSON.stringify(device) ?? String(device)).slice(0, 80);
}
