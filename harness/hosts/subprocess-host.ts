import type {
  FindRequest,
  FoundProbe,
  InferRequest,
  LoadedModel,
  ModelSection,
  OptimiseRequest,
  PortOptions,
  StepReport,
  TrainingBatch,
  TrainRequest,
} from '../contract/port.js';
import type { SizesRequest, SizeTrial } from '../contract/size-trial.js';
import type { WeightSource } from '../golden/bundle.js';
import { openScratch } from '../support/scratch.js';
import type { RecordedProbeSink, Started, WantedProbe } from './messages.js';
import { type ChannelOptions, PortChannel } from './port-channel.js';
import { validateDevice } from './validate-device.js';

/**
 * One port in a process of its own. A crash, a hang or a kill rejects the request under way with an EnvironmentError.
 */
export interface PortHost {
  readonly name: string;
  readonly started: Started;
  load(request: LoadRequest): Promise<Finished & Pick<LoadedModel, 'scores'>>;
  /** Which of these probes have no tensor of a known name. */
  lacks(probes: readonly string[]): Promise<readonly string[]>;
  /** See `LoadedModel.reads`; null where a run is one. */
  reads(probes: readonly string[], replaced: readonly string[]): Promise<readonly string[] | null>;
  /** Shows goldens to the port: see `LoadedModel.find`. */
  find(request: FindRequest): Promise<readonly FoundProbe[]>;
  /** See `LoadedModel.trySizes`. */
  trySizes(request: SizesRequest): Promise<readonly SizeTrial[]>;
  /** See `LoadedModel.optimise`. */
  optimise(request: OptimiseRequest): Promise<readonly string[]>;
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

export interface Finished {
  readonly durationMs: number;
  /** Time in which the port built what it needed to run, beside `durationMs`. */
  readonly buildMs: number;
  readonly peakRssMb: number;
}

export interface HostOptions extends PortOptions, ChannelOptions {
  /** Path of the port module. */
  readonly module: string;
}

/** Starts the process and the port in it. Rejects with an EnvironmentError if the port cannot start. */
export async function startSubprocessHost(name: string, options: HostOptions): Promise<PortHost> {
  const channel = new PortChannel(name, options, await openScratch());
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
      async load({ model, parameters, weights }) {
        // Of a bundle these alone: its goldens are not sent.
        const { loaded = {}, ...finished } = await channel.request({ kind: 'load', model, parameters, weights });
        details = { ...started.report.details, ...loaded };
        return finished;
      },
      lacks: async (probes) => (await channel.request({ kind: 'lacks', probes })).lacking ?? [],
      reads: async (probes, replaced) => (await channel.request({ kind: 'reads', probes, replaced })).read ?? null,
      find: async (request) => (await channel.request({ kind: 'find', ...request })).found ?? [],
      trySizes: async (request) => (await channel.request({ kind: 'trySizes', ...request })).tried ?? [],
      optimise: async (request) => (await channel.request({ kind: 'optimise', ...request })).passes ?? [],
      infer: (request, onProbe) => channel.request({ kind: 'infer', ...request }, onProbe),
      async train(request) {
        const { loaded = {}, ...finished } = await channel.request({ kind: 'train', ...request });
        details = { ...details, ...loaded };
        return finished;
      },
      async step(batch, onGradient) {
        const { stepped, ...finished } = await channel.request({ kind: 'step', ...batch }, onGradient);
        if (stepped === undefined) throw new Error(`port ${name} answered step without a report`);
        return { ...finished, ...stepped };
      },
      read: (wanted, onValue) => channel.request({ kind: 'read', wanted }, onValue),
      dispose: () => channel.request({ kind: 'dispose' }),
      close: () => channel.close(),
      get alive() {
        return channel.alive;
      },
    };
  } catch (error) {
    await channel.close();
    throw error;
  }
}
