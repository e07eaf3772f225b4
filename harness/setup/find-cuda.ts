import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { partFolders, preparedCudaFolders } from './cuda.js';
import { type CudaMajor, cudaSets } from './cuda-sets.js';
import { parseManifest } from './manifest.js';

/** One of CUDA's libraries, and the file that is taken for it. */
export interface CudaLibrary {
  /** As engines ask for it: `libcublas.so.12`. */
  readonly name: string;
  /** The package that brings it: `nvidia-cublas-cu12==12.9.1.4`. */
  readonly requirement: string;
  /** Null where it was not found. */
  readonly path: string | null;
  /** As its file's name or its package says it; null where neither does. */
  readonly version: string | null;
}

/**
 * Looks for the libraries of a set: in LD_LIBRARY_PATH, then in what `tipcheck prepare` fetched, then in the
 * site-packages of the Python that is active, then where the loader looks.
 * @param wanted by name, in place of all
 */
export function findCudaLibraries(
  major: CudaMajor,
  wanted: ((name: string) => boolean) | null = null,
  environment: NodeJS.ProcessEnv = process.env,
): CudaLibrary[] {
  const folders = [
    ...splitPath(environment.LD_LIBRARY_PATH),
    ...preparedCudaFolders(major),
    ...activePackages(environment).flatMap((packages) => partFolders(join(packages, 'nvidia'))),
  ];
  const byLoader = listLoaded(environment);
  return cudaSets[major].parts.flatMap(({ wheel: { requirement }, libraries }) => {
    const place = placesOf(libraries, folders, byLoader);
    return libraries
      .filter((name) => wanted === null || wanted(name))
      .map((name) => {
        const path = place(name);
        return { name, requirement, path, version: path === null ? null : readVersion(path, name) };
      });
  });
}

/** Libraries of one package are of one version, and are taken from one place: the first that has all of them. */
function placesOf(
  libraries: readonly string[],
  folders: readonly string[],
  byLoader: ReadonlyMap<string, string>,
): (name: string) => string | null {
  const folder = folders.find((one) => libraries.every((name) => existsSync(join(one, name))));
  if (folder !== undefined) return (name) => join(folder, name);
  return (name) => (libraries.every((one) => byLoader.has(one)) ? byLoader.get(name)! : null);
}

/** `libcublas.so.12 12.9.1.4, …`, each with its folder where that is another than the one before. */
export function describeCudaLibraries(libraries: readonly CudaLibrary[]): string {
  let before: string | null = null;
  const named = libraries.map(({ name, path, version }) => {
    const folder = path === null ? null : dirname(path);
    const place = folder === before ? '' : ` (${folder ?? 'not found'})`;
    before = folder;
    return `${name}${version === null ? '' : ` ${version}`}${place}`;
  });
  return named.join(', ');
}

function splitPath(path: string | undefined): string[] {
  return (path ?? '').split(delimiter).filter((folder) => folder !== '');
}

/** Site-packages of the first python3 on PATH; of a system's Python, those of Debian and of the user, too. */
function activePackages(environment: NodeJS.ProcessEnv): string[] {
  const bin = splitPath(environment.PATH).find((folder) => existsSync(join(folder, 'python3')));
  if (bin === undefined) return [];
  const prefixes = [dirname(bin), ...(dirname(bin) === '/usr' ? ['/usr/local'] : [])];
  const roots = [...prefixes, join(environment.HOME ?? homedir(), '.local')].map((prefix) => join(prefix, 'lib'));
  return roots.flatMap((root) =>
    namesIn(root)
      .filter((name) => /^python3(\.\d+)?$/.test(name))
      .flatMap((name) => [join(root, name, 'site-packages'), join(root, name, 'dist-packages')]),
  );
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** What the loader's own list has, by name. Empty where there is no such list. */
function listLoaded(environment: NodeJS.ProcessEnv): Map<string, string> {
  const path = [environment.PATH ?? '', '/sbin', '/usr/sbin'].join(delimiter);
  const { stdout } = spawnSync('ldconfig', ['-p'], { env: { ...environment, PATH: path }, encoding: 'utf8' });
  const lines = (stdout ?? '').matchAll(/^\s*(\S+) \([^)]*x86-64[^)]*\) => (\S+)$/gm);
  return new Map([...lines].map(([, name, file]) => [name!, file!]));
}

/**
 * A system's library is a link to a file that says the version. A wheel's is not: its package's folder says it, or our
 * own manifest.
 */
function readVersion(path: string, name: string): string | null {
  const file = basename(realpathSync(path));
  const stem = name.replace(/\.\d+$/, '.');
  if (file.startsWith(stem) && file.length > name.length) return file.slice(stem.length);
  const packages = dirname(dirname(dirname(dirname(path))));
  const part = cudaParts.get(name) ?? [];
  const info = namesIn(packages).find((one) => part.some((wheel) => one.startsWith(`${wheel.replaceAll('-', '_')}-`)));
  if (info?.endsWith('.dist-info')) return info.slice(info.indexOf('-') + 1, -'.dist-info'.length);
  return readOwnVersion(join(packages, 'manifest.json'), part);
}

function readOwnVersion(manifest: string, part: readonly string[]): string | null {
  if (!existsSync(manifest)) return null;
  const versions = parseManifest(readFileSync(manifest, 'utf8'))?.versions;
  return part.map((wheel) => versions?.[wheel]).find((version) => version !== undefined) ?? null;
}

/** The packages that bring a library, without their versions. */
const cudaParts: ReadonlyMap<string, readonly string[]> = (() => {
  const found = new Map<string, string[]>();
  for (const { parts } of Object.values(cudaSets))
    for (const { wheel, libraries } of parts)
      for (const name of libraries) found.set(name, [...(found.get(name) ?? []), wheel.requirement.split('==')[0]!]);
  return found;
})();
