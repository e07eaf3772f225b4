import type { Wheel } from '../../harness/setup/wheels.js';

/** By architecture and device. */
export const tensorflowWheels: Readonly<Record<string, Wheel>> = {
  'x64-cpu': {
    requirement: 'tensorflow-cpu==2.21.0',
    sha256: 'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb',
    bytes: 274_000_871,
  },
  'x64-cuda': {
    requirement: 'tensorflow==2.21.0',
    sha256: 'b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0',
    bytes: 572_611_111,
  },
  /** The wheel for this architecture has no CUDA. */
  'arm64-cpu': {
    requirement: 'tensorflow==2.21.0',
    sha256: 'b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552',
    bytes: 281_946_471,
  },
};
