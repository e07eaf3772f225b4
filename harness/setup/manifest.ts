import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomicFile } from '../support/atomic-file.js';
import { parseJson } from '../support/parse-json.js';
import type { UnpackedFile } from './unpack-zip.js';

/** What a prepared folder holds; written last, so that a folder with a manifest is whole. */
export interface Manifest {
  /** How it came about: built here, or fetched as it was published. */
  readonly source: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, UnpackedFile>>;
}

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeAtomicFile(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * The manifest if every file it names is there in its size; null where something is missing or it is not one of ours.
 */
export async function readSoundManifest(folder: string): Promise<Manifest | null> {
  const path = join(folder, 'manifest.json');
  const manifest = existsSync(path) ? parseManifest(await readFile(path, 'utf8')) : null;
  if (manifest === null) return null;
  for (const [name, { size }] of Object.entries(manifest.files)) {
    const file = join(folder, name);
    if (!existsSync(file) || (await stat(file)).size !== size) return null;
  }
  return manifest;
}

/** Null for what is not one of ours. */
export function parseManifest(text: string): Manifest | null {
  try {
    const parsed = parseJson(text) as Partial<Manifest> | null;
    return parsed?.files === undefined || parsed.versions === undefined ? null : (parsed as Manifest);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
