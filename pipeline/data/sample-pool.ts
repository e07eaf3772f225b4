import { Worker } from 'node:worker_threads';
import { EnvironmentError, UserError } from '../../harness/support/errors.js';
import { createSampleMaker, type PreparedSample, type Recipe, type SampleTask } from './prepare-sample.js';
import type { FromWorker, ToWorker } from './worker-messages.js';

/** Makes samples, in workers or here. */
export interface SamplePool {
  make(task: SampleTask): Promise<PreparedSample>;
  /** Ends the workers, once they have finished what they are at. */
  close(): Promise<void>;
}

/** A pool of `workers` threads; with none, samples are made in this one. */
export async function startSamplePool(recipe: Recipe, workers: number): Promise<SamplePool> {
  if (workers > 0) return new WorkerPool(recipe, workers);
  const make = await createSampleMaker(recipe);
  return { make, close: async () => undefined };
}

interface Waiting {
  readonly worker: Worker;
  resolve(sample: PreparedSample): void;
  reject(error: Error): void;
}

/** Every task goes to its worker at once, so that workers go on while a training step holds up this thread. */
class WorkerPool implements SamplePool {
  readonly #workers: Worker[];
  readonly #waiting = new Map<number, Waiting>();
  readonly #exits: Promise<void>[];
  #asked = 0;
  #fault: Error | null = null;

  constructor(recipe: Recipe, count: number) {
    const file = new URL('./sample-worker.js', import.meta.url);
    this.#workers = Array.from({ length: count }, () => new Worker(file, { workerData: recipe }));
    this.#exits = this.#workers.map(
      (worker) =>
        new Promise((resolve) => {
          worker.on('message', (message: FromWorker) => this.#take(message));
          worker.on('error', (error) => this.#fail(worker, error.message));
          worker.on('messageerror', (error) => this.#fail(worker, error.message));
          worker.on('exit', (code) => {
            this.#fail(worker, `it ended with code ${code}`);
            resolve();
          });
        }),
    );
  }

  make(task: SampleTask): Promise<PreparedSample> {
    const id = this.#asked++;
    const worker = this.#workers[id % this.#workers.length]!;
    return new Promise((resolve, reject) => {
      if (this.#fault !== null) return reject(this.#fault);
      this.#waiting.set(id, { worker, resolve, reject });
      worker.postMessage({ id, task } satisfies ToWorker);
    });
  }

  async close(): Promise<void> {
    for (const worker of this.#workers) worker.postMessage({ end: true } satisfies ToWorker);
    await Promise.all(this.#exits);
  }

  #take(message: FromWorker): void {
    const waiting = this.#waiting.get(message.id)!;
    this.#waiting.delete(message.id);
    if ('sample' in message) waiting.resolve(message.sample);
    else waiting.reject(revive(message.failure));
  }

  /** What a worker was asked for and never made is an error; so is what is asked of it later. */
  #fail(worker: Worker, why: string): void {
    this.#fault ??= new EnvironmentError(
      `Cannot load data: a worker died (${why}); enough memory is wanted. Fix: fewer workers, --num_workers`,
    );
    for (const [id, waiting] of this.#waiting) {
      if (waiting.worker !== worker) continue;
      this.#waiting.delete(id);
      waiting.reject(this.#fault);
    }
  }
}

/** Errors lose their class between threads. */
function revive({ name, message }: { readonly name: string; readonly message: string }): Error {
  if (name === 'UserError') return new UserError(message);
  if (name === 'EnvironmentError') return new EnvironmentError(message);
  return new Error(message);
}
