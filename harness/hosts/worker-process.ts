import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { describeEnd } from '../support/describe-end.js';
import type { Scratch } from '../support/scratch.js';
import { within } from '../support/within.js';

/** The process that runs module-worker.js. */
export type Worker = ChildProcess;

/** An fp32 port runs with TF32 switched off before any library is loaded; TIPCHECK_TF32=1 lets a proof see it on. */
export function startWorker(scratch: Scratch): Worker {
  // By Node alone: execa takes 60 ms to load, which every judgement would wait for.
  const worker = fork(join(import.meta.dirname, 'module-worker.js'), {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // It leads a group of its own, so that nothing of it outlives it; the scratch ends it when we end.
    detached: true,
    execArgv: ['--max-old-space-size=8192'],
    env: {
      ...process.env,
      NVIDIA_TF32_OVERRIDE: process.env.TIPCHECK_TF32 === '1' ? '1' : '0',
      TF_CPP_MIN_LOG_LEVEL: process.env.TF_CPP_MIN_LOG_LEVEL ?? '2',
      ...scratch.environment,
    },
  });
  scratch.adopt(worker.pid);
  return worker;
}

/** Keeps the last lines of stderr; stdout is read and dropped, so that a chatty library never blocks. */
export function keepTail(worker: Worker): () => string {
  let tail = '';
  worker.stderr?.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString('utf8')).slice(-4000);
  });
  worker.stdout?.resume();
  return () => tail;
}

/** Resolves after the process has ended, with how it did. */
export async function waitForEnd(worker: Worker): Promise<string> {
  const closed = new Promise<void>((resolve) => worker.once('close', () => resolve()));
  const exit = await new Promise<WorkerEnd>((resolve) => {
    worker.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
    worker.on('error', () => {
      // Of a program that did not start there is no other event.
      if (worker.pid === undefined) resolve({ exitCode: null, signal: null });
    });
  });
  await within(closed, drainMs);
  return describeWorkerEnd(exit);
}

interface WorkerEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/**
 * What a process wrote last arrives a moment after its end; a child that holds its stderr would keep it open for ever.
 */
const drainMs = 200;

function describeWorkerEnd(end: Parameters<typeof describeEnd>[0]): string {
  if (end.signal === 'SIGKILL') return 'its process was killed by SIGKILL, as the system does when memory runs out';
  return `its process ${typeof end.signal === 'string' ? 'crashed' : 'ended'} with ${describeEnd(end)}`;
}
