import type { Capability } from './capabilities.js';
import type { Device } from './device.js';
import type { EngineReport } from './engine-report.js';
import type { Float32NdArray, NdArray } from './nd-array.js';
import type { SizesRequest, SizeTrial } from './size-trial.js';

/**
 * What a port is: a module that exports `createPort`. Built-in ports are `ports/<name>/port.ts`; a user's port is any
 * ES module of this form. A port runs in a process of its own (harness/hosts/module-worker.ts).
 */
export interface PortModule {
  createPort(options: PortOptions): Promise<Port>;
}

export interface PortOptions {
  /** `auto` picks what is there and says so in `EngineReport`; `gpu` without one is an EnvironmentError. */
  readonly device: Device;
  /** Threads for the engine's own pool; absent: the engine's default. */
  readonly threads?: number;
  /** What only this module understands: an ONNX file's path, a command. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface Port {
  readonly report: EngineReport;
  /**
   * What it can do. Judging a bundle of a phase that it lacks is exit 3. Without `replace`, `InferRequest.replacements`
   * is always empty, and own errors are not judged. Without `inputs` there is an image and nothing else.
   */
  readonly capabilities: ReadonlySet<Capability>;
  /**
   * @param model the `model:` section of a PaddleSeg yml
   * @param weights all of `state_dict()`, by Paddle's names, in Paddle's layouts, float32. The port must reject a
   *   missing, an unexpected or a misshapen one with an EnvironmentError that names it.
   */
  load(model: ModelSection, weights: ReadonlyMap<string, Float32NdArray>): Promise<LoadedModel>;
  close(): Promise<void>;
}

export type ModelSection = Readonly<Record<string, unknown>>;

export interface LoadedModel {
  /** Facts about what was loaded, beside those of `EngineReport.details`, that were not known before. */
  readonly details?: Readonly<Record<string, string>>;
  /** What users may not expect of a file that was loaded, for a line of the log. */
  readonly said?: readonly string[];
  /**
   * A probe that, resized to the image's size bilinearly with half-pixel centres, is the logits, and that costs no more
   * than they do when it is asked for alone. An evaluation then asks for it; judging bundles never does.
   */
  readonly scores?: string;
  /**
   * What the probe `logits` gives where that is not logits, as of a file that ends in ArgMax or Softmax: class numbers
   * [b, 1, h, w], or probabilities. Their labels can be used; nothing can be averaged. Absent: logits.
   */
  readonly result?: GivenResult;
  /**
   * Builds what runs with these probes need (a session, a compiled graph), so that its time counts as loading and not
   * as running. A port that builds nothing leaves it out; `infer` must work without it.
   */
  prepare?(request: Pick<InferRequest, 'probes'> & { readonly replaced: readonly string[] }): Promise<void>;
  /** Which of these probes have no tensor of a known name. Together with `find`. */
  lacks?(probes: readonly string[]): readonly string[];
  /**
   * Finds the tensors of probes that have no names, by their goldens; later runs take them. Only what runs a file, and
   * keeps no golden, is asked: a port of the user's never sees a golden before it has given its own.
   */
  find?(request: FindRequest): Promise<readonly FoundProbe[]>;
  /**
   * Which of the replaced probes these read before anything else stands in between. With it a run may come in parts,
   * each with what it reads, so that not all of a bundle is in memory at once. Absent: a run is one.
   */
  reads?(request: Pick<InferRequest, 'probes'> & { readonly replaced: readonly string[] }): readonly string[];
  /**
   * Runs a file of free sizes at others than the bundle's; nothing where all are fixed. Asked after all else, since it
   * is not what the bundle judges.
   */
  trySizes?(request: SizesRequest): Promise<readonly SizeTrial[]>;
  /** Optimises what runs later so. Gives the passes that act on the graph of these probes, where they are asked for. */
  optimise?(request: OptimiseRequest): Promise<readonly string[]>;
  /**
   * One forward pass in evaluation mode. `onProbe` is called once for each name of `request.probes` that the model
   * records, in any order, with float32 NCHW values; the array may be reused after the call returns.
   */
  infer(request: InferRequest, onProbe: ProbeSink): Promise<void>;
  /**
   * Starts training from the weights that were loaded, which stay as they are. Present where the port has the
   * capability `train`. A section that it cannot follow is a UserError that names the key.
   */
  train?(request: TrainRequest): Promise<TrainingSession>;
  dispose(): Promise<void>;
}

export interface GivenResult {
  readonly holds: 'labels' | 'probabilities';
  /** Where they come from, for example an operator. */
  readonly by: string;
}

export type ProbeSink = (name: string, value: Float32NdArray) => void;

export interface InferRequest {
  /** What the model is given, by name. `image` is float32 [b, 3, h, w], normalised. */
  readonly inputs: ReadonlyMap<string, NdArray>;
  /**
   * Values for what the reference draws at random, by name. A name that the model does not draw is an EnvironmentError.
   */
  readonly draws: ReadonlyMap<string, NdArray>;
  readonly probes: readonly string[];
  /** Probes to be replaced by these values as soon as they are recorded. Empty in a plain run. */
  readonly replacements: ReadonlyMap<string, Float32NdArray>;
  /** Whether more of the same run follows: what was built for this can go (see `LoadedModel.reads`). */
  readonly isPart?: boolean;
}

export interface OptimiseRequest extends Omit<InferRequest, 'replacements'> {
  /** One that the port's `about` names. */
  readonly level: string;
  /** Names of passes that are left out. */
  readonly off: readonly string[];
  /** Whether those that act are asked for: it takes a while. */
  readonly list: boolean;
}

export interface FindRequest extends Pick<InferRequest, 'inputs' | 'draws'> {
  /** All of the bundle's, in its order. */
  readonly goldens: readonly SoughtGolden[];
}

/** What a probe's tensor is recognised by. */
export interface SoughtGolden {
  readonly name: string;
  /** Of the whole tensor. */
  readonly shape: readonly number[];
  readonly raw: boolean;
  /** All elements, or the sampled ones. */
  readonly value: Float32Array;
  /** Of the sampled elements, in the whole; null: all are there. */
  readonly positions: Uint32Array | null;
  /** 0 for an element of `value` that does not count; null: all do. */
  readonly kept: Uint8Array | null;
  /** Of the whole tensor. */
  readonly rms: number;
  /** Within which a tensor agrees. */
  readonly limits: { readonly relRms: number; readonly maxOverRms: number };
}

/** Where a probe was found. */
export type FoundProbe =
  | {
      readonly name: string;
      readonly tensor: string;
      readonly by: FoundBy;
      /** What the file says that the porter's code calls the layer; absent where it says nothing. */
      readonly module?: string;
      /** Of one that the map names and that does not agree: the nearest tensor that does; absent: none. */
      readonly elsewhere?: string;
    }
  | {
      readonly name: string;
      readonly tensor: null;
      /**
       * `fused`: the file has no such tensor, and what follows it agrees. `lost`: the fault lies between `after` and
       * it.
       */
      readonly lacking: 'fused' | 'lost';
      /** The last probe before it that agrees; null: none does. */
      readonly after: string | null;
    };

/** `weights`: the node that reads its layer's weights makes it. `nearness`: it is nearly the golden, and nothing is. */
export type FoundBy = 'map' | 'name' | 'output' | 'value' | 'weights' | 'nearness';

/** Sections of a PaddleSeg yml, as they stand there. */
export interface TrainRequest {
  readonly optimizer: ModelSection;
  readonly lrScheduler: ModelSection;
  readonly loss: ModelSection;
  /** The iterations that the schedule is made for. */
  readonly iters: number;
  /** Where a training that was stopped goes on, its weights having been loaded; absent: at its first step. */
  readonly resume?: OptimizerState;
  /** The ranks that train together; absent: this process alone. Only in the process that made it. */
  readonly ranks?: Collective;
}

/** What an optimizer keeps beside the parameters. */
export interface OptimizerState {
  /** Steps that were made. */
  readonly steps: number;
  /** By `<parameter>/<slot>`, for example `backbone.norm1.weight/moment1`, in the parameter's layout. */
  readonly slots: ReadonlyMap<string, Float32NdArray>;
}

/**
 * Several processes that train one model, each on its share of a batch: gradients are averaged over them, batch norms
 * take their statistics over all (forward and backward). Every rank makes the same calls in the same order.
 */
export interface Collective {
  /** This process among them, from 0. */
  readonly rank: number;
  readonly size: number;
  /** Puts the sum over all ranks in place of `values`; returns once it is there. The same bits on every rank. */
  sum(values: Float32Array): void;
}

/** Training that goes on: it holds parameters, statistics and what the optimizer keeps, from step to step. */
export interface TrainingSession {
  /** Facts about this training, beside those of `LoadedModel.details`. */
  readonly details?: Readonly<Record<string, string>>;
  /**
   * Forward, backward and update on one batch. `onGradient` is called once for each name of `batch.gradients` with the
   * loss's own gradient: before clipping and weight decay, in the parameter's layout; zeros where the loss does not
   * depend on it. Such a parameter is not updated: nor does it decay.
   */
  step(batch: TrainingBatch, onGradient: ProbeSink): Promise<StepReport>;
  /** Parameters and statistics as they are now, by their names in `state_dict()`, in Paddle's layouts. */
  read(names: readonly string[], onValue: ProbeSink): Promise<void>;
  /** What the optimizer keeps, by the names of `OptimizerState.slots`. Present where the port can resume. */
  readSlots?(onValue: ProbeSink): Promise<void>;
  dispose(): Promise<void>;
}

export interface TrainingBatch {
  /** As in `InferRequest`. */
  readonly inputs: ReadonlyMap<string, NdArray>;
  /** Class numbers, int64 [b, h, w]. */
  readonly label: NdArray<'i8'>;
  readonly draws: ReadonlyMap<string, NdArray>;
  /** Parameters whose gradient is asked for. */
  readonly gradients: readonly string[];
}

/** Of the step that was just made. */
export interface StepReport {
  readonly learningRate: number;
  /** Before the update; with several ranks, of this rank's share. */
  readonly loss: number;
  /**
   * There if the loss or a gradient, on any rank, is NaN or Inf: which, and the first layer where it appeared. Nothing
   * was updated: parameters, statistics and step number are those before the step.
   */
  readonly nonFinite?: { readonly what: 'loss' | 'gradient'; readonly layer: string };
}
