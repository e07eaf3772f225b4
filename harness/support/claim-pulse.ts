import { utimes } from 'node:fs';
import { workerData } from 'node:worker_threads';

/**
 * A thread that touches a claim again and again: other hosts see by it that its owner works, however long the owner
 * computes in one go.
 */
const { path, touchMs } = workerData as { readonly path: string; readonly touchMs: number };

setInterval(() => {
  const now = new Date();
  // A claim that is away, or a file system that does not answer for a while: the next touch tells anew.
  utimes(path, now, now, () => undefined);
}, touchMs);
