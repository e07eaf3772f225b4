import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomicFolder } from '../../harness/setup/atomic-folder.js';
import { engineFolder, findEngine } from '../../harness/setup/engines.js';
import { fetchWheel } from '../../harness/setup/fetch-wheel.js';
import { findTools } from '../../harness/setup/find-tools.js';
import { installPackages } from '../../harness/setup/install-package.js';
import { readSoundManifest, writeManifest } from '../../harness/setup/manifest.js';
import type { PrepareContext } from '../../harness/setup/prepare-context.js';
import { prepareCuda } from '../../harness/setup/prepare-cuda.js';
import { type UnpackedFile, unpackZip } from '../../harness/setup/unpack-zip.js';
import type { Wheel } from '../../harness/setup/wheels.js';
import { EnvironmentError } from '../../harness/support/errors.js';
import { withNativeLock } from '../../harness/support/native-lock.js';
import type { Progress } from '../../harness/support/progress.js';
import { onnxruntimeNode } from './engine.js';

const { name: packageName, version } = onnxruntimeNode;
/** The CUDA provider of ONNX Runtime, same version as onnxruntime-node. */
const onnxruntimeGpuWheel: Wheel = {
  requirement: 'onnxruntime-gpu==1.26.0',
  sha256: '3c01119ed4d9449d60367fa8ccffcd02bd3fe736754284e4b198d131f54edad6',
  bytes: 276_971_796,
};

const specification = `${packageName}@${version}`;

/** Makes the port ort ready. On the CPU npm's package carries the library: neither Python nor a compiler is needed. */
export async function prepare({ device, progress }: PrepareContext): Promise<void> {
  if (await reportReady(device, progress)) return;
  await withNativeLock(
    engineFolder(onnxruntimeNode, device),
    async () => {
      if (await reportReady(device, progress)) return;
      if (device === 'gpu') await prepareCudaProvider(progress);
      else await installFromNpm(progress);
      await reportReady(device, progress);
    },
    (status) => progress.update(`Another process is preparing ort: ${status}`),
  );
}

async function reportReady(device: PrepareContext['device'], progress: Progress): Promise<boolean> {
  const folder = findEngine(onnxruntimeNode, device);
  if (folder === null) return false;
  if (device === 'cpu') {
    progress.step(`ort: ready (${specification}), in ${join(folder, 'node_modules')}`);
    return true;
  }
  if ((await readSoundManifest(folder)) === null) return false;
  progress.step(`ort: ready (${specification} with its CUDA provider, not yet seen on a GPU), in ${folder}`);
  return true;
}

async function installFromNpm(progress: Progress): Promise<void> {
  progress.step(`Downloading ${specification} from npm (about 100 MB) …`);
  await writeAtomicFolder(engineFolder(onnxruntimeNode), installForThisMachine);
}

/** The package holds the libraries of six systems. */
async function installForThisMachine(folder: string): Promise<void> {
  await installPackages(folder, [specification]);
  const binaries = join(folder, 'node_modules', packageName, 'bin', 'napi-v6');
  for (const platform of await readdir(binaries)) {
    for (const architecture of await readdir(join(binaries, platform))) {
      if (platform === process.platform && architecture === process.arch) continue;
      await rm(join(binaries, platform, architecture), { recursive: true });
    }
  }
}

/** A copy of the package with the CUDA provider beside its library. Not yet seen on a GPU. */
async function prepareCudaProvider(progress: Progress): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new EnvironmentError(
      `Cannot prepare the port ort for the gpu on ${process.platform}-${process.arch}: Linux x64 is wanted`,
    );
  }
  const { python } = await findTools();
  if ('missing' in python) throw new EnvironmentError(`Cannot fetch the CUDA provider of ort: ${python.missing}`);
  await prepareCuda(progress);
  progress.step(`Preparing ${specification} with its CUDA provider (not yet seen on a GPU)`);
  await writeAtomicFolder(engineFolder(onnxruntimeNode, 'gpu'), async (temporary) => {
    await installOrCopy(temporary);
    const wheelPath = await fetchWheel(python.command, onnxruntimeGpuWheel, join(temporary, 'download'), progress);
    const folder = join('node_modules', packageName, 'bin', 'napi-v6', 'linux', 'x64');
    const files = await unpackZip(wheelPath, temporary, (entry) => placeProvider(entry, folder));
    await rm(join(temporary, 'download'), { recursive: true });
    if (files.size !== 2)
      throw new EnvironmentError(`Cannot use ${wheelPath}: it holds ${files.size} of 2 CUDA providers`);
    await writeManifest(temporary, provenance(files));
  });
}

async function installOrCopy(folder: string): Promise<void> {
  const source = findEngine(onnxruntimeNode);
  if (source === null) return installForThisMachine(folder);
  for (const name of [packageName, 'onnxruntime-common']) {
    await cp(join(source, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true });
  }
}

function placeProvider(entry: string, folder: string): string | null {
  const file = /^onnxruntime\/capi\/(libonnxruntime_providers_(?:cuda|shared)\.so)$/.exec(entry)?.[1];
  return file === undefined ? null : join(folder, file);
}

function provenance(files: Map<string, UnpackedFile>) {
  return {
    source: `${specification} of npm, CUDA provider of ${onnxruntimeGpuWheel.requirement} of PyPI`,
    versions: { [packageName]: version },
    files: Object.fromEntries(files),
  };
}
