import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { writeAtomicFolder } from '../../harness/setup/atomic-folder.js';
import { cudaFolder } from '../../harness/setup/cuda.js';
import { engineFolder, engineRequire, findEngine } from '../../harness/setup/engines.js';
import { fetchWheel } from '../../harness/setup/fetch-wheel.js';
import { findCudaLibraries } from '../../harness/setup/find-cuda.js';
import { findTools, type Tools } from '../../harness/setup/find-tools.js';
import { installPackages } from '../../harness/setup/install-package.js';
import { readSoundManifest, writeManifest } from '../../harness/setup/manifest.js';
import type { PrepareContext } from '../../harness/setup/prepare-context.js';
import { prepareCuda } from '../../harness/setup/prepare-cuda.js';
import { type UnpackedFile, unpackZip } from '../../harness/setup/unpack-zip.js';
import type { Wheel } from '../../harness/setup/wheels.js';
import { EnvironmentError, messageOf } from '../../harness/support/errors.js';
import { withNativeLock } from '../../harness/support/native-lock.js';
import { type Progress, renderMegabytes } from '../../harness/support/progress.js';
import { officialAddonFolder, tfjsAddonFolder, tfjsNode } from './addon.js';
import { checkAddon } from './check-addon.js';
import { compileAddon, headerFolders, tensorflowLibraries } from './compile-addon.js';
import { fetchOfficialAddon } from './fetch-official-addon.js';
import { tensorflowWheels } from './wheels.js';

const { name: packageName } = tfjsNode;

/**
 * Makes the port tfjs ready: the npm package, the addon built against the TensorFlow wheel, for the GPU also CUDA's
 * libraries. Where it cannot be built, the official prebuilt addon. Throws an EnvironmentError that names what is
 * missing.
 */
export async function prepare({ device, cuda, progress }: PrepareContext): Promise<void> {
  const folder = tfjsAddonFolder(device);
  // Libraries that the machine had may be gone.
  const reportWhole = async () => {
    if (!(await reportReady(folder, progress))) return false;
    if (device === 'gpu') await prepareCuda(12, null, progress);
    return true;
  };
  if (await reportWhole()) return;
  await withNativeLock(
    folder,
    async (say) => {
      if (await reportWhole()) return;
      const shared = shareStatus(progress, say);
      shared.step(`Preparing the port tfjs for the ${device}, in ${folder}`);
      await ensurePackage(shared);
      if (device === 'gpu') {
        if (cuda === 13) shared.step('tfjs: TensorFlow 2.21 is of CUDA 12, and runs beside CUDA 13');
        await prepareCuda(12, null, shared);
        await linkCuda();
      }
      await buildOrFetch({ device, cuda, progress: shared });
    },
    (status) => progress.update(`Another process is preparing tfjs: ${status}`),
  );
}

/** For what TensorFlow calls of nvcc: it looks in `../nvidia/<part>` from where its libraries lie. */
async function linkCuda(): Promise<void> {
  // Else all is the machine's.
  if (!existsSync(cudaFolder(12))) return;
  const link = join(dirname(tfjsAddonFolder('gpu')), 'nvidia');
  await mkdir(dirname(link), { recursive: true });
  if (existsSync(join(link, 'cublas'))) return;
  await rm(link, { force: true });
  await symlink(join('..', basename(cudaFolder(12)), 'nvidia'), link);
}

async function reportReady(folder: string, progress: Progress): Promise<boolean> {
  const manifest = findEngine(tfjsNode) === null ? null : await readSoundManifest(folder);
  if (manifest === null) return false;
  progress.step(`tfjs: ready (TensorFlow ${manifest.versions.tensorflow}, ${manifest.source}), in ${folder}`);
  return true;
}

/** Those who wait for the lock are told the steps. */
function shareStatus(progress: Progress, say: (text: string) => void): Progress {
  return {
    step(line) {
      say(line);
      progress.step(line);
    },
    update: progress.update,
  };
}

/** A clone holds it in node_modules; for the installed package it goes into the cache. */
async function ensurePackage(progress: Progress): Promise<void> {
  if (findEngine(tfjsNode) !== null) return;
  const wanted = `${packageName}@${tfjsNode.version}`;
  progress.step(`Installing ${wanted} …`);
  await writeAtomicFolder(engineFolder(tfjsNode), (temporary) => installPackages(temporary, [wanted]));
}

async function buildOrFetch(context: PrepareContext): Promise<void> {
  const obstacle = await tryToBuild(context);
  if (obstacle === null) return;
  const { device, progress } = context;
  if (await reportReady(officialAddonFolder(device), progress)) return;
  progress.step(`Cannot build the addon here: ${obstacle}. Trying the official prebuilt one (TensorFlow 2.9.1) …`);
  try {
    await fetchOfficialAddon(context, packageFolder());
  } catch (error) {
    throw new EnvironmentError(
      `Cannot prepare the port tfjs: it cannot be built, because ${obstacle}; and the official prebuilt addon cannot be had, because ${messageOf(error)}. Fix: install what is missing, or judge with the port ort, which needs none of it`,
    );
  }
}

/**
 * Null when it was built, else why it cannot be. A lost machine or a full disk is not an obstacle to be passed by: it
 * is thrown.
 */
async function tryToBuild(context: PrepareContext): Promise<string | null> {
  const { device } = context;
  const wheel = process.platform === 'linux' ? tensorflowWheels[wheelKey(device)] : undefined;
  if (wheel === undefined)
    return `there is no TensorFlow wheel for ${process.platform}-${process.arch} and the ${device}`;
  const tools = await findTools();
  const missing = [tools.python, tools.compiler].flatMap((tool) => ('missing' in tool ? [tool.missing] : []));
  if (missing.length > 0) return missing.join('; and ');
  try {
    await build(context, tools, wheel);
    return null;
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message;
    throw error;
  }
}

function wheelKey(device: 'cpu' | 'gpu'): string {
  return `${process.arch}-${device === 'gpu' ? 'cuda' : 'cpu'}`;
}

async function build({ device, progress }: PrepareContext, tools: Tools, wheel: Wheel): Promise<void> {
  const folder = tfjsAddonFolder(device);
  await writeAtomicFolder(folder, async (temporary) => {
    const download = join(temporary, 'download');
    const wheelPath = await fetchWheel(commandOf(tools.python), wheel, download, progress);
    progress.step('Unpacking the TensorFlow libraries …');
    const unpacked = await unpackTensorflow(wheelPath, temporary, progress);
    await rm(download, { recursive: true });
    progress.step('Compiling the addon of tfjs-node-gpu …');
    const headers = join(temporary, 'include');
    const includes = [headers, nodeHeaders()];
    await compileAddon(commandOf(tools.compiler), temporary, includes, join(packageFolder(), 'binding'));
    await rm(headers, { recursive: true });
    progress.step('Trying it …');
    const addon = join(temporary, 'tfjs_binding.node');
    const report = await checkAddon(addon, packageFolder(), device === 'gpu' ? cudaFolders() : []);
    if (device === 'gpu' && !report.gpu) {
      progress.step('TensorFlow sees no GPU with it; the driver may be too old for CUDA 12.9 (see nvidia-smi)');
    }
    const files = { 'tfjs_binding.node': await measureFile(addon), ...Object.fromEntries(unpacked) };
    const versions = { tensorflow: report.tensorflow, 'tfjs-node-gpu': tfjsNode.version };
    await writeManifest(temporary, { source: `built here with ${versionOf(tools.compiler)}`, versions, files });
  });
  await reportReady(folder, progress);
}

/** Where CUDA's libraries lie. A process that tries the addon finds them by the loader's path. */
function cudaFolders(): string[] {
  return [...new Set(findCudaLibraries(12).flatMap(({ path }) => (path === null ? [] : [dirname(path)])))];
}

async function unpackTensorflow(
  wheelPath: string,
  folder: string,
  progress: Progress,
): Promise<Map<string, UnpackedFile>> {
  let bytes = 0;
  const files = await unpackZip(wheelPath, folder, placeTensorflowFile, (count) => {
    bytes += count;
    progress.update(`  ${renderMegabytes(bytes)} unpacked`);
  });
  const missing = tensorflowLibraries.filter((library) => !files.has(library));
  if (missing.length > 0)
    throw new EnvironmentError(`Cannot use ${wheelPath}: it holds no ${missing.join(' and no ')}`);
  return new Map([...files].filter(([path]) => tensorflowLibraries.includes(path)));
}

function placeTensorflowFile(entry: string): string | null {
  const library = tensorflowLibraries.find((name) => entry === `tensorflow/${name}`);
  if (library !== undefined) return library;
  const header = entry.startsWith('tensorflow/include/') ? entry.slice('tensorflow/include/'.length) : '';
  return headerFolders.some((folder) => header.startsWith(folder)) ? join('include', header) : null;
}

async function measureFile(path: string): Promise<UnpackedFile> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return { size: (await stat(path)).size, sha256: hash.digest('hex') };
}

function packageFolder(): string {
  return dirname(engineRequire(tfjsNode).resolve(`${packageName}/package.json`));
}

/** Node's C headers, which Debian's and others' Node does not bring along: a dependency of this package. */
function nodeHeaders(): string {
  return join(dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json')), 'include');
}

function commandOf(tool: Tools['python']): string {
  if ('missing' in tool) throw new EnvironmentError(tool.missing);
  return tool.command;
}

function versionOf(tool: Tools['python']): string {
  return 'missing' in tool ? tool.missing : tool.version;
}
