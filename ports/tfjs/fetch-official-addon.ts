import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { writeAtomicFolder } from '../../harness/setup/atomic-folder.js';
import { writeManifest } from '../../harness/setup/manifest.js';
import type { PrepareContext } from '../../harness/setup/prepare-context.js';
import { EnvironmentError, messageOf } from '../../harness/support/errors.js';
import { type Progress, renderMegabytes } from '../../harness/support/progress.js';
import { officialAddonFolder, tfjsNode } from './addon.js';
import { checkAddon } from './check-addon.js';

const tfjsVersion = tfjsNode.version;
const libtensorflowVersion = '2.9.1';
const connectMs = 30_000;

/**
 * Fetches what the package's own install script would: its addon and libtensorflow, from the same host, which
 * `TFJS_NODE_CDN_STORAGE` moves as it does there. The two keep their places towards each other: the addon's rpath says
 * `../../deps/lib`.
 */
export async function fetchOfficialAddon({ device, progress }: PrepareContext, packageFolder: string): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new EnvironmentError(`there is none for ${process.platform}-${process.arch}`);
  }
  await writeAtomicFolder(officialAddonFolder(device), async (temporary) => {
    const addonFolder = join(temporary, 'lib', 'napi-v8');
    await fetchTarball(addonUrl(device), addonFolder, progress);
    await fetchTarball(libraryUrl(device), join(temporary, 'deps'), progress);
    const found = (await readdir(addonFolder, { recursive: true })).find((name) => name.endsWith('tfjs_binding.node'));
    if (found === undefined) throw new EnvironmentError(`${addonUrl(device)} holds no tfjs_binding.node`);
    await symlink(join('lib', 'napi-v8', found), join(temporary, 'tfjs_binding.node'));
    const { tensorflow } = await checkAddon(join(temporary, 'tfjs_binding.node'), packageFolder);
    await writeManifest(temporary, {
      source: 'official prebuilt addon',
      versions: { tensorflow, 'tfjs-node-gpu': tfjsVersion },
      files: {},
    });
    progress.step(`tfjs: ready (TensorFlow ${tensorflow}, official prebuilt addon), in ${officialAddonFolder(device)}`);
  });
}

function addonUrl(device: 'cpu' | 'gpu'): string {
  return `${storage()}tf-builds/pre-built-binary/napi-v8/${tfjsVersion}/${device.toUpperCase()}-linux-${tfjsVersion}.tar.gz`;
}

function libraryUrl(device: 'cpu' | 'gpu'): string {
  return `${storage()}tensorflow/libtensorflow/libtensorflow-${device}-linux-x86_64-${libtensorflowVersion}.tar.gz`;
}

function storage(): string {
  const own = process.env.TFJS_NODE_CDN_STORAGE;
  return own === undefined || own === '' ? 'https://storage.googleapis.com/' : own;
}

async function fetchTarball(url: string, folder: string, progress: Progress): Promise<void> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'fetched.tar.gz');
  const response = await openUrl(url);
  const total = Number(response.headers.get('content-length'));
  progress.step(`Downloading ${url} (${total > 0 ? renderMegabytes(total) : 'size not told'}) …`);
  if (response.body === null) throw new EnvironmentError(`${url} sent nothing`);
  await pipeline(Readable.fromWeb(response.body as import('node:stream/web').ReadableStream), createWriteStream(path));
  const { size } = await stat(path);
  if (total > 0 && size !== total) throw new EnvironmentError(`${url} broke off after ${size} of ${total} bytes`);
  const tar = await execa('tar', ['-xzf', path, '-C', folder], { reject: false });
  if (tar.exitCode !== 0) throw new EnvironmentError(`${url} cannot be unpacked: ${tar.stderr}`);
  await rm(path);
}

async function openUrl(url: string): Promise<Response> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new Error(`no answer for ${connectMs / 1000} s`)), connectMs);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok) throw new EnvironmentError(`${url} answered ${response.status}`);
    return response;
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    const cause = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
    throw new EnvironmentError(`${url} cannot be reached (${cause})`);
  } finally {
    clearTimeout(timer);
  }
}
