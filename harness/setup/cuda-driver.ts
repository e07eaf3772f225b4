import { EnvironmentError, messageOf } from '../support/errors.js';
import { loadKoffi } from '../support/load-koffi.js';
import type { CudaMajor } from './cuda-sets.js';

/** The CUDA that a driver knows, 12.4 as [12, 4]. It runs what is built for that or for less. */
export type DriverVersion = readonly [major: number, minor: number];

export interface Card {
  readonly name: string;
  /** Compute capability, 9.0 as `9.0`. */
  readonly capability: string;
  readonly memoryMb: number;
}

/** The driver's library, as the loader finds it. */
const library = 'libcuda.so.1';

/** Throws an EnvironmentError where the driver's library does not load. */
export async function readDriver(purpose: string): Promise<DriverVersion> {
  const driver = await loadDriver(purpose);
  const version = new Int32Array(1);
  const status: number = driver.func('int cuDriverGetVersion(void *)')(version);
  if (status !== 0) throw new EnvironmentError(`Cannot ${purpose}: cuDriverGetVersion of ${library} answers ${status}`);
  return [Math.floor(version[0]! / 1000), Math.floor((version[0]! % 1000) / 10)];
}

/** The first card that this process sees. Throws an EnvironmentError where there is none. Not yet seen on a GPU. */
export async function readCard(purpose: string): Promise<Card> {
  const driver = await loadDriver(purpose);
  const call = (signature: string, ...args: readonly unknown[]): void => {
    const status: number = driver.func(signature)(...args);
    if (status === 0) return;
    const name = /\w+(?=\()/.exec(signature)?.[0];
    throw new EnvironmentError(`Cannot ${purpose}: ${name} of the NVIDIA driver answers ${status}; a card is wanted`);
  };
  const [device, name, bytes] = [new Int32Array(1), Buffer.alloc(128), new BigUint64Array(1)];
  call('int cuInit(unsigned int)', 0);
  call('int cuDeviceGet(void *, int)', device, 0);
  call('int cuDeviceGetName(void *, int, int)', name, name.length, device[0]);
  call('int cuDeviceTotalMem_v2(void *, int)', bytes, device[0]);
  const [major, minor] = capabilityAttributes.map((attribute) => {
    const value = new Int32Array(1);
    call('int cuDeviceGetAttribute(void *, int, int)', value, attribute, device[0]);
    return value[0];
  });
  return {
    name: name.toString('utf8', 0, name.indexOf(0)),
    capability: `${major}.${minor}`,
    memoryMb: Number(bytes[0]! / 1_048_576n),
  };
}

/** CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR of cuda.h. */
const capabilityAttributes = [75, 76] as const;

/**
 * The set that a driver can run: the newest. Throws an EnvironmentError where there is no driver, or one that is older.
 */
export async function chooseCuda(asked: 'auto' | CudaMajor, purpose: string): Promise<CudaMajor> {
  if (asked !== 'auto') return asked;
  const [major, minor] = await readDriver(purpose);
  if (major >= 13) return 13;
  if (major === 12) return 12;
  throw new EnvironmentError(
    `Cannot ${purpose}: the NVIDIA driver knows CUDA ${major}.${minor}; 12 or later is wanted. Fix: install a newer driver`,
  );
}

async function loadDriver(purpose: string) {
  const koffi = await loadKoffi(purpose);
  try {
    return koffi.load(library);
  } catch (error) {
    throw new EnvironmentError(
      `Cannot ${purpose}: ${library} does not load (${messageOf(error)}); the NVIDIA driver is wanted, and it alone brings that. Fix: install the driver`,
    );
  }
}
