import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import util from 'node:util';
import type { Device } from '../../harness/contract/device.js';
import type { EngineReport } from '../../harness/contract/engine-report.js';
import type { PortOptions } from '../../harness/contract/port.js';
import { type EngineDevice, engineRequire } from '../../harness/setup/engines.js';
import { describeCard, loadCuda } from '../../harness/setup/load-cuda.js';
import { EnvironmentError } from '../../harness/support/errors.js';
import { resolveDevice } from '../../harness/support/find-gpu.js';
import type { TensorFlowJs } from '../tfjs-shared/tensorflow-js.js';
import { findTfjsAddon, tfjsAddonFolder, tfjsNode } from './addon.js';

export interface LoadedEngine {
  readonly tf: TensorFlowJs;
  readonly report: EngineReport;
}

const { name: packageName } = tfjsNode;

/**
 * Loads @tensorflow/tfjs-node-gpu with the addon that `tipcheck prepare` built. Throws an EnvironmentError where the
 * addon or the device that was asked for is missing. It can be loaded once per process, for one device.
 * @param load a test's, in place of the package on its addon
 */
export async function loadTensorFlow(
  { device: asked, threads }: Pick<PortOptions, 'device' | 'threads'>,
  load = requireWithAddon,
): Promise<LoadedEngine> {
  const addon = chooseAddon(asked);
  const { device, because } = resolveDevice(asked);
  const onCard = device === 'gpu' && addon.flavour === 'gpu';
  setEnvironment(onCard, threads);
  const card = onCard ? await loadCudaOf(addon.path) : {};
  restoreUtilOfOldNode();
  const tf = load(addon.path);
  const backend = nativeBackend(tf);
  if (onCard && !backend.isUsingGpuDevice)
    throw new EnvironmentError(
      `Cannot use device gpu for tfjs: TensorFlow sees no GPU, and the driver names ${card.card}; one that TensorFlow ${backend.binding.TF_Version} runs on is wanted. Fix: npx tipcheck doctor --device gpu`,
    );
  const actual = backend.isUsingGpuDevice ? 'gpu' : 'cpu';
  return {
    tf,
    report: {
      engine: packageName,
      version: tf.version.tfjs,
      device: actual,
      provider: `TensorFlow ${backend.binding.TF_Version}`,
      tf32: actual === 'cpu' ? 'not applicable' : process.env.NVIDIA_TF32_OVERRIDE === '0' ? 'off' : 'on',
      details: {
        addon: addon.path,
        ...(threads === undefined ? {} : { threads: String(threads) }),
        ...(asked === 'auto' && device === 'gpu' ? { 'device auto': `${actual}, because ${because}` } : {}),
        ...card,
        ...(onCard ? { 'provider options': describeOptions() } : {}),
      },
    },
  };
}

function chooseAddon(device: Device): { readonly path: string; readonly flavour: EngineDevice } {
  const flavours = { cpu: ['cpu', 'gpu'], gpu: ['gpu'], auto: ['gpu', 'cpu'] } as const;
  for (const flavour of flavours[device]) {
    const path = findTfjsAddon(flavour);
    if (path !== null) return { path, flavour };
  }
  const wanted = device === 'gpu' ? 'gpu' : 'cpu';
  throw new EnvironmentError(
    `Cannot load ${packageName} for device ${device}: its addon is not in ${tfjsAddonFolder(wanted)}. Fix: npx tipcheck prepare --port tfjs`,
  );
}

/**
 * TensorFlow reads these when its library is loaded; what the user has set stays. Of several cards the addon takes the
 * last, and the driver names the first: so TensorFlow is shown that one alone. Else it takes all of the card's memory
 * at once, and nothing else fits beside it.
 */
function setEnvironment(onCard: boolean, threads: number | undefined): void {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  process.env.CUDA_VISIBLE_DEVICES = onCard ? (process.env.CUDA_VISIBLE_DEVICES ?? '0').split(',')[0] : '-1';
  if (onCard) process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  if (threads === undefined) return;
  process.env.TF_NUM_INTRAOP_THREADS = String(threads);
  process.env.OMP_NUM_THREADS = String(threads);
}

function describeOptions(): string {
  const { TF_FORCE_GPU_ALLOW_GROWTH, CUDA_VISIBLE_DEVICES } = process.env;
  return JSON.stringify({ TF_FORCE_GPU_ALLOW_GROWTH, CUDA_VISIBLE_DEVICES });
}

/** TensorFlow asks the loader for CUDA's libraries by their names, and is given those that are loaded already. */
function loadCudaOf(addon: string): Promise<Readonly<Record<string, string>>> {
  const purpose = 'run TensorFlow on the gpu';
  // The official addon is of CUDA 11, whose libraries are the user's matter.
  if (dirname(addon) !== tfjsAddonFolder('gpu')) return describeCard(purpose);
  return loadCuda(12, { purpose, wanted: () => true, fix: 'npx tipcheck prepare --port tfjs --device gpu' });
}

/** tfjs-node 4.22.0 calls two functions that Node 23 removed. */
function restoreUtilOfOldNode(): void {
  const old: { isNullOrUndefined?: (value: unknown) => boolean; isArray?: (value: unknown) => boolean } = util;
  old.isNullOrUndefined ??= (value) => value === null || value === undefined;
  old.isArray ??= Array.isArray;
}

/** The package asks node-pre-gyp for the path of its addon, inside its own folder; it is told ours. */
function requireWithAddon(addonPath: string): TensorFlowJs {
  const require = engineRequire(tfjsNode);
  const packageFolder = dirname(require.resolve(`${packageName}/package.json`));
  const fromPackage = createRequire(join(packageFolder, 'package.json'));
  const locator: { find(path: string): string } = fromPackage('@mapbox/node-pre-gyp/lib/pre-binding.js');
  const original = locator.find;
  locator.find = () => addonPath;
  try {
    return require(packageName) as TensorFlowJs;
  } finally {
    locator.find = original;
  }
}

interface NativeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

function nativeBackend(tf: TensorFlowJs): NativeBackend {
  return tf.backend() as unknown as NativeBackend;
}
