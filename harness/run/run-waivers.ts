import type { Waiver } from '../config/waivers.js';
import { readShipped } from '../golden/shipped-goldens.js';
import { listBuiltInPorts } from '../hosts/resolve-port.js';

/** The waivers of a run, with bundles by their ids, and the names that may be meant beside the run's own. */
export interface RunWaivers {
  readonly waivers: readonly Waiver[];
  readonly knownPorts: readonly string[];
  readonly knownBundles: readonly string[];
}

export const noWaivers: RunWaivers = { waivers: [], knownPorts: [], knownBundles: [] };

/**
 * @param written in the file of --waivers, and what suites expect to fail
 * @param ids the run's bundles: names as they were given, and ids
 */
export async function readRunWaivers(
  written: readonly Waiver[],
  ids: ReadonlyMap<string, string>,
): Promise<RunWaivers> {
  if (written.length === 0) return noWaivers;
  const shipped = [...(await readShipped())];
  return {
    waivers: written.map((waiver) => ({ ...waiver, bundle: ids.get(waiver.bundle) ?? waiver.bundle })),
    knownPorts: listBuiltInPorts(),
    knownBundles: shipped.flatMap(([name, { id }]) => [name.slice(name.indexOf(' ') + 1), id]),
  };
}
