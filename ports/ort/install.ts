import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../harness/setup/engines.js';
import { installPackages } from '../../harness/setup/install-package.js';
import { cannotHere } from '../../harness/support/errors.js';

export function specificationOf({ name, version }: Engine): string {
  return `${name}@${version}`;
}

/** The package holds the libraries of six systems. Those of others are taken away. */
export async function installForThisMachine(folder: string, engine: Engine): Promise<void> {
  await installPackages(folder, [specificationOf(engine)]);
  const binaries = join(folder, 'node_modules', engine.name, 'bin');
  let own = 0;
  // Releases differ in the version of Node's interface, which is the folder's name: napi-v3, napi-v6.
  for (const version of existsSync(binaries) ? await readdir(binaries) : [])
    for (const platform of await readdir(join(binaries, version)))
      for (const architecture of await readdir(join(binaries, version, platform))) {
        if (platform === process.platform && architecture === process.arch) own++;
        else await rm(join(binaries, version, platform, architecture), { recursive: true });
      }
  if (own > 0) return;
  const machine = `${process.platform}-${process.arch}`;
  throw cannotHere(
    'install',
    specificationOf(engine),
    `it has no library for ${machine}`,
    'a release with one is wanted',
  );
}
