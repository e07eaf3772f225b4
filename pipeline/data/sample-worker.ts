// A worker thread that makes samples, one after the other, in the order in which they are asked for.
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../harness/support/errors.js';
import { createSampleMaker, type PreparedSample, type Recipe } from './prepare-sample.js';
import type { FromWorker, ToWorker } from './worker-messages.js';

const port = parentPort!;
const maker = createSampleMaker(workerData as Recipe);
let last: Promise<void> = Promise.resolve();
let ended = false;

port.on('message', (message: ToWorker) => {
  if ('end' in message) {
    ended = true;
    port.close();
  } else last = last.then(() => answer(message.id, message.task));
});

async function answer(id: number, task: Parameters<Awaited<typeof maker>>[0]): Promise<void> {
  if (ended) return;
  try {
    const make = await maker;
    const sample = await make(task);
    port.postMessage({ id, sample } satisfies FromWorker, buffersOf(sample));
  } catch (error) {
    const name = error instanceof Error ? error.name : 'Error';
    port.postMessage({ id, failure: { name, message: messageOf(error) } } satisfies FromWorker);
  }
}

/** Handed over, not copied. */
function buffersOf({ image, label }: PreparedSample): ArrayBuffer[] {
  return label === null ? [image.buffer] : [image.buffer, label.data.buffer as ArrayBuffer];
}
