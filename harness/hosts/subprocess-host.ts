import { join } from 'node:path';
import { execaNode, type ResultPromise } from 'execa';
import type {
  InferRequest,
  LoadedModel,
  ModelSection,
  PortOptions,
  StepReport,
  TrainingBatch,
  TrainRequest,
} from '../contract/port.js';
import type { WeightSource } from '../golden/bundle.js';
import { cudaEnvironment } from '../setup/cuda.js';
import { describeEnd, describeTail } from '../support/describe-end.js';
import { cannot, EnvironmentError, messageOf, UserError } from '../support/errors.js';
import { exitOf } from '../support/exit-of.js';
import { openScratch, type Scratch } from '../support/scratch.js';
import { within } from '../support/within.js';
import { describeTooLarge } from './message-size.js';
import type { HostReply, HostRequest, Started, WantedProbe } from './messages.js';
import { validateDevice } from './validate-device.js';

/**
 * One port in a process of its own. A crash, a hang or a kill rejects the request under way with an EnvironmentError.
 */
export interface PortHost {
  readonly name: string;
  readonly started: Started;
  load(request: LoadRequest): Promise<Finished & Pick<LoadedModel, 'scores'>>;
  infer(request: HostInferRequest, onProbe: RecordedProbeSink): Promise<Finished>;
  /** Starts training from the loaded weights; `step` and `read` are of that session. */
  train(request: TrainRequest): Promise<Finished>;
  step(batch: HostBatch, onGradient: RecordedProbeSink): Promise<Finished & StepReport>;
  read(wanted: readonly WantedProbe[], onValue: RecordedProbeSink): Promise<Finished>;
  dispose(): Promise<Finished>;
  /**
   * Ends the process and all that it started; safe to call twice and after a crash.
   * @returns what the port did wrong after its last answer, for which nothing that it said counts; else null
   */
  close(): Promise<string | null>;
  readonly alive: boolean;
}

export interface LoadRequest {
  readonly model: ModelSection;
  readonly parameters: ReadonlyMap<string, readonly number[]>;
  readonly weights: readonly WeightSource[];
}

export type HostInferRequest = Omit<InferRequest, 'probes'> & { readonly probes: readonly WantedProbe[] };

export type HostBatch = Omit<TrainingBatch, 'gradients'> & { readonly gradients: readonly WantedProbe[] };

export type RecordedProbe = Omit<Extract<HostReply, { kind: 'probe' }>, 'kind'>;
export type RecordedProbeSink = (probe: RecordedProbe) => void;

export interface Finished {
  readonly durationMs: number;
  /** Time in which the port built what it needed to run, beside `durationMs`. */
  readonly buildMs: number;
  readonly peakRssMb: number;
}

export interface HostOptions extends PortOptions {
  /** Path of the port module. */
  readonly module: string;
  /** A request that neither answers nor sends a probe for this long has hung. */
  readonly silenceMs: number;
  /** What the request `start` is called where it is a program that is asked; absent: start. */
  readonly firstQuestion?: string;
}

/** Starts the process and the port in it. Rejects with an EnvironmentError if the port cannot start. */
export async function startSubprocessHost(name: string, options: HostOptions): Promise<PortHost> {
  const channel = openChannel(name, options, await openScratch());
  const { module, silenceMs: _silenceMs, firstQuestion: _firstQuestion, ...portOptions } = options;
  try {
    const { started } = await channel.request({ kind: 'start', module, options: portOptions });
    if (started === undefined) throw new Error(`port ${name} answered start without a report`);
    validateDevice(name, options.device, started.report);
    let details = started.report.details;
    return {
      name,
      get started() {
        return { ...started, report: { ...started.report, details } };
      },
      async load(request) {
        const { loaded = {}, ...finished } = await channel.request({ kind: 'load', ...request });
        details = { ...started.report.details, ...loaded };
        return finished;
      },
      infer: (request, onProbe) => channel.request({ kind: 'infer', ...request }, onProbe),
      train: (request) => channel.request({ kind: 'train', ...request }),
      async step(batch, onGradient) {
        const { stepped, ...finished } = await channel.request({ kind: 'step', ...batch }, onGradient);
        if (stepped === undefined) throw new Error(`port ${name} answered step without a report`);
        return { ...finished, ...stepped };
      },
      read: (wanted, onValue) => channel.request({ kind: 'read', wanted }, onValue),
      dispose: () => channel.request({ kind: 'dispose' }),
      close: () => channel.close(),
      get alive() {
        return channel.alive();
      },
    };
  } catch (error) {
    await channel.close();
    throw error;
  }
}

type Done = Extract<HostReply, { kind: 'done' }>;

interface Pending {
  readonly kind: HostRequest['kind'];
  readonly onProbe: RecordedProbeSink;
  readonly resolve: (done: Done) => void;
  readonly reject: (error: Error) => void;
  timer: NodeJS.Timeout | null;
}

function openChannel(name: string, { silenceMs, firstQuestion = 'start' }: HostOptions, scratch: Scratch) {
  const subprocess = startWorker(scratch);
  const stderr = keepTail(subprocess);
  let pending: Pending | null = null;
  let end: string | null = null;

  const settle = (act: (current: Pending) => void) => {
    const current = pending;
    if (current === null) return;
    if (current.timer !== null) clearTimeout(current.timer);
    pending = null;
    act(current);
  };
  const watch = () => {
    if (pending === null) return;
    if (pending.timer !== null) clearTimeout(pending.timer);
    const { kind } = pending;
    pending.timer = setTimeout(() => {
      const asked = kind === 'start' ? firstQuestion : kind;
      end = `it hung: no answer to ${asked} for ${Math.round(silenceMs / 1000)} s`;
      void scratch.endProcesses();
    }, silenceMs);
  };

  subprocess.on('message', (message) => {
    // What it says while it is ended is not its own doing.
    if (end !== null) return;
    const reply = message as unknown as HostReply;
    if (reply.kind === 'done') settle((current) => current.resolve(reply));
    else if (reply.kind === 'failed') settle((current) => current.reject(failureOf(name, reply)));
    else if (pending !== null) {
      watch();
      try {
        pending.onProbe(reply);
      } catch (error) {
        settle((current) => current.reject(error instanceof Error ? error : new Error(messageOf(error))));
      }
    }
  });
  const ended = waitForEnd(subprocess).then((described) => {
    end ??= described;
    const text = `Cannot run port ${name}: ${end}${describeTail(stderr())}`;
    settle((current) =>
      current.kind === 'close' ? current.resolve(nothing) : current.reject(new EnvironmentError(text)),
    );
  });

  return {
    alive: () => end === null,
    async request(request: HostRequest, onProbe: RecordedProbeSink = () => undefined): Promise<Done> {
      if (end !== null) throw new EnvironmentError(`Cannot run port ${name}: ${end}${describeTail(stderr())}`);
      if (pending !== null) throw new Error(`port ${name} is still at ${pending.kind}`);
      const tooLarge = describeTooLarge(request);
      if (tooLarge !== null)
        throw cannot(
          'ask',
          `port ${name} to ${request.kind}`,
          `its inputs have ${tooLarge}`,
          'fewer are wanted',
          'smaller pictures, or fewer at a time',
        );
      return new Promise<Done>((resolve, reject) => {
        pending = { kind: request.kind, onProbe, resolve, reject, timer: null };
        watch();
        subprocess.send(request as never, (error) => {
          if (error !== null && end === null) settle((current) => current.reject(new EnvironmentError(error.message)));
        });
      });
    },
    async close(): Promise<string | null> {
      const asked = end === null && pending === null;
      if (asked) scratch.look();
      const found = asked ? await this.askToClose() : null;
      await scratch.close();
      await ended;
      return found;
    },
    async askToClose(): Promise<string | null> {
      const answer = this.request({ kind: 'close' }).then(
        () => null,
        (error: unknown) => messageOf(error),
      );
      const found = await within(answer, closeMs);
      await within(ended, exitMs);
      return found;
    },
  };
}

/** A program has five seconds of them to end (ports/exec/conversation.ts). */
const closeMs = 10_000;
/** A process that has answered `close` ends by itself, if it can. */
const exitMs = 1000;
/**
 * What a process wrote last arrives a moment after its end; a child that holds its stderr would keep it open for ever.
 */
const drainMs = 200;

async function waitForEnd(subprocess: Worker): Promise<string> {
  const exit = await exitOf(subprocess);
  await within(subprocess, drainMs);
  return describeWorkerEnd(exit);
}

const nothing: Done = { kind: 'done', durationMs: 0, buildMs: 0, peakRssMb: 0 };

type Worker = ResultPromise<{ ipc: true; reject: false; buffer: false }>;

/** An fp32 port runs with TF32 switched off before any library is loaded. */
function startWorker(scratch: Scratch): Worker {
  const worker = execaNode(join(import.meta.dirname, 'module-worker.js'), {
    ipc: true,
    serialization: 'advanced',
    reject: false,
    buffer: false,
    stdin: 'ignore',
    // It leads a group of its own, so that nothing of it outlives it; the scratch ends it when we end.
    detached: true,
    nodeOptions: ['--max-old-space-size=8192'],
    env: {
      NVIDIA_TF32_OVERRIDE: '0',
      TF_CPP_MIN_LOG_LEVEL: process.env.TF_CPP_MIN_LOG_LEVEL ?? '2',
      ...cudaEnvironment(),
      ...scratch.environment,
    },
  }) as unknown as Worker;
  scratch.adopt(worker.pid);
  return worker;
}

/** Keeps the last lines of stderr; stdout is read and dropped, so that a chatty library never blocks. */
function keepTail(subprocess: Worker): () => string {
  let tail = '';
  subprocess.stderr?.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString('utf8')).slice(-4000);
  });
  subprocess.stdout?.resume();
  return () => tail;
}

function describeWorkerEnd(end: Parameters<typeof describeEnd>[0]): string {
  if (end.signal === 'SIGKILL') return 'its process was killed by SIGKILL, as the system does when memory runs out';
  return `its process ${typeof end.signal === 'string' ? 'crashed' : 'ended'} with ${describeEnd(end)}`;
}

function failureOf(name: string, reply: Extract<HostReply, { kind: 'failed' }>): Error {
  if (reply.user) return new UserError(reply.message);
  return new EnvironmentError(
    reply.message.startsWith('Cannot') ? reply.message : `Cannot run port ${name}: ${reply.message}`,
  );
}
