import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../support/errors.js';
import { packageRoot } from '../support/package-root.js';
import { suggest } from '../support/suggest.js';

/** Names the set of shipped goldens. One that is remade or added raises it. */
export const goldensId = 'goldens/7';
export const knownGoldens: readonly string[] = ['goldens/1', 'goldens/2', 'goldens/3', 'goldens/4', goldensId];

/** Short names of the bundles under fixtures/golden of the package, sorted. */
export function listShippedBundles(): readonly string[] {
  if (!existsSync(shippedFolder)) return [];
  return readdirSync(shippedFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(shippedFolder, entry.name, 'case.json')))
    .map((entry) => entry.name)
    .sort();
}

/**
 * The folder of a bundle, given a folder with a case.json or the short name of a shipped bundle.
 * @throws UserError that says what there is
 */
export function resolveBundleFolder(nameOrFolder: string): string {
  if (existsSync(join(nameOrFolder, 'case.json'))) return nameOrFolder;
  const shipped = listShippedBundles();
  if (shipped.includes(nameOrFolder)) return join(shippedFolder, nameOrFolder);
  if (existsSync(nameOrFolder)) {
    throw new UserError(`Cannot find bundle ${nameOrFolder}: the folder has no case.json; a golden bundle is wanted`);
  }
  throw new UserError(
    `Cannot find bundle ${nameOrFolder}: there is no such folder; a folder with a case.json, or one of ${shipped.join(', ')} is wanted.${suggest(nameOrFolder, shipped)}`,
  );
}

const shippedFolder = join(packageRoot, 'fixtures', 'golden');
