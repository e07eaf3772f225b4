import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { type CudaMajor, cudaSets } from './cuda-sets.js';

/** A driver that knows a version of CUDA, 13.1 as 13010, and has one card. */
const driver = (version: number) => `
#include <string.h>
int cuDriverGetVersion(int *version) { *version = ${version}; return 0; }
int cuInit(unsigned int flags) { return 0; }
int cuDeviceGet(int *device, int at) { *device = 7; return device[0] == 7 ? at : 1; }
int cuDeviceGetName(char *name, int length, int device) { strcpy(name, "A card"); return device == 7 ? 0 : 101; }
int cuDeviceTotalMem_v2(unsigned long long *bytes, int device) { *bytes = 8ull << 30; return 0; }
int cuDeviceGetAttribute(int *value, int attribute, int device) { *value = attribute == 75 ? 9 : 0; return 0; }
`;

/** Why no driver can be made here, or null. */
export async function lacksCompiler(): Promise<string | null> {
  const { exitCode } = await execa('cc', ['--version'], { reject: false });
  return exitCode === 0 ? null : 'no C compiler was found';
}

export function makeDriver(folder: string, version: number): Promise<void> {
  return makeLibrary(folder, 'libcuda.so.1', driver(version));
}

/** A library of this name, under which a loader knows it; without a source it is empty. */
export async function makeLibrary(folder: string, name: string, source = ''): Promise<void> {
  await mkdir(folder, { recursive: true });
  const args = ['-shared', '-fPIC', `-Wl,-soname,${name}`, '-x', 'c', '-o', join(folder, name), '-'];
  await execa('cc', args, { input: source });
}

/** A driver, all libraries of a set, and an nvidia-smi that lists the card. @returns what a process finds them by */
export async function makeCard(folder: string, major: CudaMajor): Promise<Record<string, string>> {
  await makeDriver(folder, major * 1000);
  const names = cudaSets[major].parts.flatMap(({ libraries }) => libraries);
  for (const name of names) await makeLibrary(folder, name);
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, 'nvidia-smi'), '#!/bin/sh\necho "GPU 0: A card (UUID: GPU-1)"\n');
  await chmod(join(bin, 'nvidia-smi'), 0o755);
  return { LD_LIBRARY_PATH: folder, PATH: `${bin}:/usr/bin:/bin` };
}
