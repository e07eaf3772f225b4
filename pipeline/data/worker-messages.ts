import type { PreparedSample, SampleTask } from './prepare-sample.js';

/** To a worker: what to make, or that no more is wanted. */
export type ToWorker = { readonly id: number; readonly task: SampleTask } | { readonly end: true };

/** From a worker: what it made of an id, or why it could not. */
export type FromWorker =
  | { readonly id: number; readonly sample: PreparedSample }
  | { readonly id: number; readonly failure: { readonly name: string; readonly message: string } };
