import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AdapterPort, Capabilities, NamedPort, PortAbout } from '../setup/port-about.js';
import { packageRoot } from '../support/package-root.js';

/** A port that is there: its folder's name, and the module to import in its process. */
type Listed<About> = About & { readonly name: string; readonly module: string };
export type ListedPort = Listed<NamedPort>;
export type ListedAdapter = Listed<AdapterPort>;

// Read where this module is loaded, so that help texts and checks of a command line need not wait for it.
const all = await readPorts();

/** Ports that are asked for by name, by their ranks. */
export const namedPorts: readonly ListedPort[] = all
  .filter((port) => port.kind === 'named')
  .sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));

/** Ports that run something of the user's. */
export const adapters: readonly ListedAdapter[] = all.filter((port) => port.kind === 'adapter');

/** Names of those that run where nobody names a port. */
export const defaultPorts: readonly string[] = namedPorts.filter(({ required }) => required).map(({ name }) => name);

/** Computes where nobody names a port, and one does. */
export const firstPort: string = namedPorts[0]!.name;

/** Names of those whose set-up takes minutes. */
export const slowPorts: readonly string[] = namedPorts.filter(({ slow }) => slow).map(({ name }) => name);

/** Whether the port of this name runs an .onnx file as it is. */
export function runsGraphs(name: string): boolean {
  return namedPorts.some((port) => port.name === name && port.capabilities.graph === true);
}

/** The first port that can do this beyond the contract. */
export function portThatCan(what: keyof Capabilities): ListedPort {
  const found = namedPorts.find(({ capabilities }) => capabilities[what] !== undefined);
  if (found === undefined) throw new Error(`no folder of ports/ has the capability ${what}`);
  return found;
}

/** The first required port that runs weights and no graph: it shares no line with what made a graph of them. */
export function portWithoutGraphs(ports: readonly ListedPort[] = namedPorts): ListedPort {
  const found = ports.find(({ required, capabilities }) => required && capabilities.graph !== true);
  if (found === undefined)
    throw new Error('no folder of ports/ is required and runs weights and no graph; one is wanted to judge graphs by');
  return found;
}

/** Each folder of ports/ that holds an about.js. The listing is the registry. Loads no engine. */
async function readPorts(): Promise<(ListedPort | ListedAdapter)[]> {
  const folder = join(packageRoot, 'dist', 'ports');
  const found = [];
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name, 'about.js');
    if (!existsSync(path)) continue;
    const { about }: { about: PortAbout } = await import(pathToFileURL(path).href);
    found.push({ ...about, name, module: join(folder, name, 'port.js') });
  }
  return found;
}
