import type { Releases } from '../setup/port-about.js';
import { cannot } from '../support/errors.js';
import { namedPorts } from './read-ports.js';
import { listGraphEndings, type PortTarget, resolvePort } from './resolve-port.js';

/** A port whose engine can be had in any release. */
export interface ReleasedPort {
  readonly releases: () => Promise<Releases>;
  /** The port in one of them. */
  at(release: string): PortTarget;
}

/**
 * @param name of a built-in port
 * @param file what runs in its engine; null: each bundle's own network
 * @throws UserError where nobody can choose the release, and where it runs no such file
 */
export function resolveReleased(name: string, file: string | null): ReleasedPort {
  const { about } = resolvePort(name);
  const named = about?.kind === 'named' ? about : null;
  if (named?.releases === undefined)
    throw cannot('bisect', name, 'nobody can choose the release of its engine', `${listReleased()} is wanted`);
  const { releases, capabilities } = named;
  if (file === null) return { releases, at: (release) => ({ ...resolvePort(name), settings: { release } }) };
  const { about: adapter } = resolvePort(file);
  if (capabilities.graph !== true || adapter?.kind !== 'adapter' || adapter.accepts.by !== 'ending')
    throw cannot(
      'bisect',
      file,
      `it is no file that ${name} runs`,
      `an ${listGraphEndings().join(' or ')} file is wanted`,
    );
  return { releases, at: (release) => resolvePort(file, { release }) };
}

/** Names of the ports that it takes. */
export function listReleased(): string {
  return namedPorts.flatMap(({ name, releases }) => (releases === undefined ? [] : [name])).join(' or ');
}
