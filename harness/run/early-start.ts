import { isOfUser, type PortTarget } from '../hosts/resolve-port.js';
import type { PortHost } from '../hosts/subprocess-host.js';
import { type StartOptions, startHost } from './start-host.js';

/** A port's process that starts once its bundles were read, while the run is made ready. */
export interface EarlyStart {
  /** The process, once; null where it is another port's, or taken. A start that failed is told here. */
  take(port: PortTarget): Promise<PortHost> | null;
  /** Ends the process where nobody took it. */
  close(): Promise<void>;
}

/** A program of the user's starts only once all else is known to be right. */
export function startEarly(port: PortTarget, options: StartOptions): EarlyStart {
  let host = isOfUser(port) || 'engine' in port.settings ? null : startHost(options, port);
  // A failure is told to whoever takes it. Until then nobody waits for it, and Node ends what nobody waits for.
  void Promise.allSettled([host]);
  const give = () => {
    const given = host;
    host = null;
    return given;
  };
  return {
    take: (asked) => (asked === port ? give() : null),
    async close() {
      const [left] = await Promise.allSettled([give()]);
      if (left.status === 'fulfilled') await left.value?.close();
    },
  };
}

/** Starts it while `use` makes the run ready, and ends it in any case. */
export async function withEarlyStart<T>(
  port: PortTarget,
  options: StartOptions,
  use: (early: EarlyStart) => Promise<T>,
): Promise<T> {
  const early = startEarly(port, options);
  try {
    return await use(early);
  } finally {
    await early.close();
  }
}
