import type { Device } from '../contract/device.js';
import type { PortTarget } from '../hosts/resolve-port.js';
import { type PortHost, startSubprocessHost } from '../hosts/subprocess-host.js';

/** What a port's process is started with. */
export interface StartOptions {
  readonly device: Device;
  /** Threads of the engine's pool; null: the engine's default. */
  readonly threads: number | null;
  readonly silenceMs: number;
}

/** With the defaults of what is left out. */
export function startOptions({ device, threads, silenceMs }: Partial<StartOptions>): StartOptions {
  return { device: device ?? 'auto', threads: threads ?? null, silenceMs: silenceMs ?? defaultSilenceMs };
}

/** A port that neither answers nor sends a probe for ten minutes has hung. */
const defaultSilenceMs = 600_000;

export function startHost(plan: StartOptions, port: PortTarget): Promise<PortHost> {
  const { module, settings, name, about } = port;
  return startSubprocessHost(name, {
    ...{ module, settings, device: plan.device, silenceMs: plan.silenceMs },
    ...(plan.threads === null ? {} : { threads: plan.threads }),
    ...(about !== null && 'firstQuestion' in about && { firstQuestion: about.firstQuestion }),
  });
}
