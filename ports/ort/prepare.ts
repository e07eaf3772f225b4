import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomicFolder } from '../../harness/setup/atomic-folder.js';
import { chooseCuda } from '../../harness/setup/cuda-driver.js';
import type { CudaMajor } from '../../harness/setup/cuda-sets.js';
import { type Engine, engineFolder, findEngine } from '../../harness/setup/engines.js';
import { fetchWheel } from '../../harness/setup/fetch-wheel.js';
import { findTools } from '../../harness/setup/find-tools.js';
import { readSoundManifest, writeManifest } from '../../harness/setup/manifest.js';
import type { PrepareContext } from '../../harness/setup/prepare-context.js';
import { prepareCuda } from '../../harness/setup/prepare-cuda.js';
import { type UnpackedFile, unpackZip } from '../../harness/setup/unpack-zip.js';
import type { Wheel } from '../../harness/setup/wheels.js';
import { EnvironmentError } from '../../harness/support/errors.js';
import { withNativeLock } from '../../harness/support/native-lock.js';
import type { Progress } from '../../harness/support/progress.js';
import { cudaEngines, isWantedOfCuda, onnxruntimeNode } from './engine.js';
import { installForThisMachine, specificationOf } from './install.js';

const { name: packageName } = onnxruntimeNode;

/** The CUDA provider of ONNX Runtime, of the same version as onnxruntime-node. */
const providerWheels: Readonly<Record<CudaMajor, Wheel>> = {
  12: {
    requirement: 'onnxruntime-gpu==1.26.0',
    sha256: '3c01119ed4d9449d60367fa8ccffcd02bd3fe736754284e4b198d131f54edad6',
    bytes: 276_971_796,
  },
  13: {
    requirement: 'onnxruntime-gpu==1.30.0',
    sha256: '6acc0f4b3d5ac5f2984432faa59dd8fcce6775f8b43a7140afa0f322c7a703b1',
    bytes: 246_685_715,
  },
};

/** Makes the port ort ready. On the CPU npm's package carries the library: neither Python nor a compiler is needed. */
export async function prepare({ device, cuda, progress }: PrepareContext): Promise<void> {
  const major = device === 'cpu' ? null : await chooseCuda(cuda, 'choose the CUDA provider of ort');
  const engine = major === null ? onnxruntimeNode : cudaEngines[major];
  if (await reportReady(engine, major, progress)) return;
  await withNativeLock(
    engineFolder(engine, device),
    async () => {
      if (await reportReady(engine, major, progress)) return;
      if (major === null) await installFromNpm(progress);
      else await prepareCudaProvider(engine, major, progress);
      await reportReady(engine, major, progress);
    },
    (status) => progress.update(`Another process is preparing ort: ${status}`),
  );
}

async function reportReady(engine: Engine, major: CudaMajor | null, progress: Progress): Promise<boolean> {
  const folder = findEngine(engine, major === null ? 'cpu' : 'gpu');
  if (folder === null) return false;
  if (major === null) {
    progress.step(`ort: ready (${specificationOf(engine)}), in ${join(folder, 'node_modules')}`);
    return true;
  }
  if ((await readSoundManifest(folder)) === null) return false;
  // Quick where it is done: libraries that the machine had may be gone.
  await prepareCuda(major, isWantedOfCuda, progress);
  progress.step(
    `ort: ready (${specificationOf(engine)} with its provider of CUDA ${major}, not yet seen on a GPU), in ${folder}`,
  );
  return true;
}

async function installFromNpm(progress: Progress): Promise<void> {
  progress.step(`Downloading ${specificationOf(onnxruntimeNode)} from npm (about 100 MB) …`);
  await writeAtomicFolder(engineFolder(onnxruntimeNode), (folder) => installForThisMachine(folder, onnxruntimeNode));
}

/** A copy of the package with the CUDA provider beside its library. Not yet seen on a GPU. */
async function prepareCudaProvider(engine: Engine, major: CudaMajor, progress: Progress): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new EnvironmentError(
      `Cannot prepare the port ort for the gpu on ${process.platform}-${process.arch}: Linux x64 is wanted`,
    );
  }
  const { python } = await findTools();
  if ('missing' in python) throw new EnvironmentError(`Cannot fetch the CUDA provider of ort: ${python.missing}`);
  progress.step(`Preparing ${specificationOf(engine)} with its provider of CUDA ${major} (not yet seen on a GPU)`);
  await writeAtomicFolder(engineFolder(engine, 'gpu'), async (temporary) => {
    await installOrCopy(temporary, engine);
    const wheel = providerWheels[major];
    const wheelPath = await fetchWheel(python.command, wheel, join(temporary, 'download'), progress);
    const folder = join('node_modules', packageName, 'bin', 'napi-v6', 'linux', 'x64');
    const files = await unpackZip(wheelPath, temporary, (entry) => placeProvider(entry, folder));
    await rm(join(temporary, 'download'), { recursive: true });
    if (files.size !== 2)
      throw new EnvironmentError(`Cannot use ${wheelPath}: it holds ${files.size} of 2 CUDA providers`);
    await writeManifest(temporary, provenance(engine, wheel, files));
  });
}

async function installOrCopy(folder: string, engine: Engine): Promise<void> {
  const source = engine === onnxruntimeNode ? findEngine(engine) : null;
  if (source === null) return installForThisMachine(folder, engine);
  for (const name of [packageName, 'onnxruntime-common']) {
    await cp(join(source, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true });
  }
}

function placeProvider(entry: string, folder: string): string | null {
  const file = /^onnxruntime\/capi\/(libonnxruntime_providers_(?:cuda|shared)\.so)$/.exec(entry)?.[1];
  return file === undefined ? null : join(folder, file);
}

function provenance(engine: Engine, wheel: Wheel, files: Map<string, UnpackedFile>) {
  return {
    source: `${specificationOf(engine)} of npm, CUDA provider of ${wheel.requirement} of PyPI`,
    versions: { [packageName]: engine.version },
    files: Object.fromEntries(files),
  };
}
