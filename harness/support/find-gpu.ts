import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Device } from '../contract/device.js';
import { EnvironmentError } from './errors.js';

export interface ResolvedDevice {
  readonly device: 'cpu' | 'gpu';
  /** Why, as the rest of a sentence: `because nvidia-smi lists …`. */
  readonly because: string;
}

/** Turns `auto` into what is there. `gpu` without an NVIDIA driver is an EnvironmentError, never the CPU. */
export function resolveDevice(asked: Device): ResolvedDevice {
  if (asked === 'cpu') return { device: 'cpu', because: 'it was asked for' };
  const { found, evidence } = findGpu();
  if (asked === 'auto') return { device: found ? 'gpu' : 'cpu', because: evidence };
  if (found) return { device: 'gpu', because: evidence };
  throw new EnvironmentError(
    `Cannot use the device gpu: ${evidence}; an NVIDIA GPU with its driver is wanted. Fix: install the NVIDIA driver, or ask for --device cpu`,
  );
}

/** Looks for an NVIDIA GPU with a driver: `nvidia-smi` that lists one, else `libcuda.so.1` with its device node. */
export function findGpu(environment: NodeJS.ProcessEnv = process.env): { found: boolean; evidence: string } {
  const hidden = environment.CUDA_VISIBLE_DEVICES;
  if (hidden === '' || hidden === '-1') {
    return { found: false, evidence: `CUDA_VISIBLE_DEVICES is '${hidden}', which hides every GPU` };
  }
  const listed = listWithNvidiaSmi(environment);
  if (listed !== null) return { found: true, evidence: `nvidia-smi lists ${listed}` };
  const library = findLibcuda(environment);
  if (library === null) return { found: false, evidence: 'neither nvidia-smi with a GPU nor libcuda.so.1 was found' };
  const node = deviceNodes.find((path) => existsSync(path));
  if (node === undefined) {
    return { found: false, evidence: `${library} is there, but none of ${deviceNodes.join(', ')}` };
  }
  return { found: true, evidence: `${library} and ${node} were found` };
}

/** How many of the GPUs that are there this process may see; 1 where nvidia-smi does not list them. */
export function countGpus(environment: NodeJS.ProcessEnv = process.env): number {
  const visible = environment.CUDA_VISIBLE_DEVICES;
  if (visible !== undefined) return visible.split(',').length;
  return Math.max(1, (runNvidiaSmi(environment) ?? '').match(/^GPU \d+:/gm)?.length ?? 0);
}

/** On Linux, and on Linux inside Windows. */
const deviceNodes = ['/dev/nvidia0', '/dev/dxg'];

const libraryFolders = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
  '/usr/lib/wsl/lib',
  '/usr/local/nvidia/lib64',
  '/usr/local/cuda/compat',
];

function listWithNvidiaSmi(environment: NodeJS.ProcessEnv): string | null {
  const first = /^GPU \d+: .*$/m.exec(runNvidiaSmi(environment) ?? '');
  return first === null ? null : first[0].replace(/ \(UUID.*/, '');
}

function runNvidiaSmi(environment: NodeJS.ProcessEnv): string | null {
  const { status, stdout } = spawnSync('nvidia-smi', ['-L'], { env: environment, encoding: 'utf8', timeout: 20_000 });
  return status === 0 ? stdout : null;
}

function findLibcuda(environment: NodeJS.ProcessEnv): string | null {
  const own = (environment.LD_LIBRARY_PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of [...own, ...libraryFolders]) {
    if (existsSync(folder) && readdirSync(folder).includes('libcuda.so.1')) return join(folder, 'libcuda.so.1');
  }
  return null;
}
