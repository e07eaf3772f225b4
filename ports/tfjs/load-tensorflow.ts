import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import util from 'node:util';
import type { Device } from '../../harness/contract/device.js';
import type { EngineReport } from '../../harness/contract/engine-report.js';
import type { PortOptions } from '../../harness/contract/port.js';
import { engineRequire } from '../../harness/setup/engines.js';
import { EnvironmentError } from '../../harness/support/errors.js';
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
 */
export function loadTensorFlow({ device, threads }: PortOptions): LoadedEngine {
  const addon = chooseAddon(device);
  setEnvironment(device, threads);
  restoreUtilOfOldNode();
  const tf = requireWithAddon(addon.path);
  const backend = nativeBackend(tf);
  if (device === 'gpu' && !backend.isUsingGpuDevice) {
    throw new EnvironmentError(
      'Cannot use device gpu for tfjs: TensorFlow sees no GPU; a CUDA device is wanted. Fix: npx tipcheck doctor',
    );
  }
  const actual = backend.isUsingGpuDevice ? 'gpu' : 'cpu';
  return {
    tf,
    report: {
      engine: packageName,
      version: tf.version.tfjs,
      device: actual,
      provider: `TensorFlow ${backend.binding.TF_Version}`,
      tf32: actual === 'cpu' ? 'not applicable' : process.env.NVIDIA_TF32_OVERRIDE === '0' ? 'off' : 'on',
      details: { addon: addon.path, ...(threads === undefined ? {} : { threads: String(threads) }) },
    },
  };
}

function chooseAddon(device: Device): { path: string } {
  const flavours = { cpu: ['cpu', 'gpu'], gpu: ['gpu'], auto: ['gpu', 'cpu'] } as const;
  for (const flavour of flavours[device]) {
    const path = findTfjsAddon(flavour);
    if (path !== null) return { path };
  }
  const wanted = device === 'gpu' ? 'gpu' : 'cpu';
  throw new EnvironmentError(
    `Cannot load ${packageName} for device ${device}: its addon is not in ${tfjsAddonFolder(wanted)}. Fix: npx tipcheck prepare --port tfjs`,
  );
}

/** TensorFlow reads these when its library is loaded; what the user has set stays. */
function setEnvironment(device: Device, threads: number | undefined): void {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  if (device === 'cpu') process.env.CUDA_VISIBLE_DEVICES = '-1';
  if (threads === undefined) return;
  process.env.TF_NUM_INTRAOP_THREADS = String(threads);
  process.env.OMP_NUM_THREADS = String(threads);
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
