import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cacheFolder } from '../support/cache-folder.js';
import { EnvironmentError } from '../support/errors.js';
import { packageRoot } from '../support/package-root.js';

/** An npm package that computes. `package.json` holds the same version. */
export interface Engine {
  readonly name: string;
  /** Exact: what its port was judged with. */
  readonly version: string;
  /**
   * When it comes from the cache alone. `gpu`: the device gpu needs a copy with the CUDA provider beside its library.
   * `always`: the project's may be another version.
   */
  readonly ownCopy?: 'gpu' | 'always';
}

/** What actually runs, after `auto` has been resolved. */
export type EngineDevice = 'cpu' | 'gpu';

/**
 * Loads an engine's npm package from the project's node_modules, else from what `tipcheck prepare` put into the cache.
 * One with a copy of its own comes from the cache alone.
 */
export function requireEngine<T>(engine: Engine, device: EngineDevice = 'cpu'): T {
  return engineRequire(engine, device)(engine.name) as T;
}

/** A `require` that resolves as the engine's package does, for its own dependencies too. */
export function engineRequire(engine: Engine, device: EngineDevice = 'cpu'): NodeJS.Require {
  const folder = findEngine(engine, device);
  if (folder !== null) return createRequire(join(folder, 'package.json'));
  const places = enginePlaces(engine, device).map((place) => join(place, 'node_modules'));
  throw new EnvironmentError(
    `Cannot load ${engine.name} ${engine.version}: it is not in ${places.join(' nor in ')}. Fix: npx tipcheck prepare --device ${device}`,
  );
}

/** The folder whose node_modules holds the engine, or null. */
export function findEngine(engine: Engine, device: EngineDevice = 'cpu'): string | null {
  const holds = (folder: string) => existsSync(join(folder, 'node_modules', engine.name, 'package.json'));
  return enginePlaces(engine, device).find(holds) ?? null;
}

function enginePlaces(engine: Engine, device: EngineDevice): string[] {
  if (needsOwnCopy(engine, device)) return [engineFolder(engine, device)];
  return [...projectFolders(), engineFolder(engine)];
}

/** The clone, or the installed package and the project that it was installed into. */
function projectFolders(): string[] {
  const above = /^(.*)[\\/]node_modules[\\/]/.exec(packageRoot);
  return above?.[1] === undefined ? [packageRoot] : [packageRoot, above[1]];
}

function needsOwnCopy({ ownCopy }: Engine, device: EngineDevice): boolean {
  return ownCopy === 'always' || (ownCopy === 'gpu' && device === 'gpu');
}

/** Where `tipcheck prepare` installs an engine's npm package when the project itself does not hold it. */
export function engineFolder(engine: Engine, device: EngineDevice = 'cpu'): string {
  const flavour = engine.ownCopy !== undefined && device === 'gpu' ? '-cuda' : '';
  return cacheFolder('engines', `${engine.name.replace('/', '-')}-${engine.version}${flavour}`);
}
