import { EnvironmentError, messageOf } from './errors.js';

export type Koffi = typeof import('koffi');

/**
 * koffi calls libraries of C from here. Its package is optional: only several ranks need it, and the CUDA provider.
 * @param purpose what cannot be done without it, after "Cannot"
 * @throws EnvironmentError where it is not installed or does not load
 */
export async function loadKoffi(purpose: string): Promise<Koffi> {
  try {
    const { default: koffi } = await import('koffi');
    return koffi as unknown as Koffi;
  } catch (error) {
    throw new EnvironmentError(
      `Cannot ${purpose}: the package koffi does not load (${messageOf(error).split('\n')[0]}); it calls MPI and the NVIDIA driver. Fix: npm install koffi@3.3.4`,
    );
  }
}
