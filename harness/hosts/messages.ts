import type { Capability } from '../contract/capabilities.js';
import type { EngineReport } from '../contract/engine-report.js';
import type { NdArray } from '../contract/nd-array.js';
import type {
  FindRequest,
  FoundProbe,
  ModelSection,
  OptimiseRequest,
  PortOptions,
  StepReport,
  TrainRequest,
} from '../contract/port.js';
import type { SizesRequest, SizeTrial } from '../contract/size-trial.js';
import type { Sample, WeightSource } from '../golden/bundle.js';

/** What the harness sends to a port's process, one at a time; each is answered by `done` or `failed`. */
export type HostRequest =
  | { readonly kind: 'start'; readonly module: string; readonly options: PortOptions }
  | {
      readonly kind: 'load';
      readonly model: ModelSection;
      readonly parameters: ReadonlyMap<string, readonly number[]>;
      readonly weights: readonly WeightSource[];
    }
  | { readonly kind: 'lacks'; readonly probes: readonly string[] }
  | { readonly kind: 'reads'; readonly probes: readonly string[]; readonly replaced: readonly string[] }
  | ({ readonly kind: 'find' } & FindRequest)
  | ({ readonly kind: 'trySizes' } & SizesRequest)
  | ({ readonly kind: 'optimise' } & OptimiseRequest)
  | {
      readonly kind: 'infer';
      readonly inputs: ReadonlyMap<string, NdArray>;
      readonly draws: ReadonlyMap<string, NdArray>;
      readonly probes: readonly WantedProbe[];
      readonly replacements: ReadonlyMap<string, NdArray>;
      readonly isPart?: boolean;
    }
  | ({ readonly kind: 'train' } & TrainRequest)
  | {
      readonly kind: 'step';
      readonly inputs: ReadonlyMap<string, NdArray>;
      readonly label: NdArray<'i8'>;
      readonly draws: ReadonlyMap<string, NdArray>;
      readonly gradients: readonly WantedProbe[];
    }
  | { readonly kind: 'read'; readonly wanted: readonly WantedProbe[] }
  | { readonly kind: 'dispose' }
  | { readonly kind: 'close' };

/** A probe to send back: all of it, or `count` elements at the positions of CONTRACT section 1. */
export interface WantedProbe {
  readonly name: string;
  readonly sample: Sample | null;
  /** Which elements of the tensor count, to whose shape it broadcasts; absent: all. */
  readonly mask?: NdArray;
}

export type HostReply =
  | {
      readonly kind: 'probe';
      readonly name: string;
      readonly shape: readonly number[];
      /** All elements, or the sampled ones. */
      readonly value: Float32Array;
      /** NaN and Inf in the whole tensor, sampled or not, as far as its elements count. */
      readonly nonFinite: number;
    }
  | {
      readonly kind: 'done';
      readonly durationMs: number;
      /** Time of this request in which the port built what it needed to run; not in `durationMs`. */
      readonly buildMs: number;
      readonly peakRssMb: number;
      readonly started?: Started;
      /** `LoadedModel.details`, in the answer to `load`; `TrainingSession.details`, in that to `train`. */
      readonly loaded?: Readonly<Record<string, string>>;
      /** `LoadedModel.scores`, in the answer to `load`. */
      readonly scores?: string;
      /** In the answer to `lacks`. */
      readonly lacking?: readonly string[];
      /** In the answer to `reads`; null: it cannot say, and a run is one. */
      readonly read?: readonly string[] | null;
      /** In the answer to `find`. */
      readonly found?: readonly FoundProbe[];
      /** In the answer to `trySizes`. */
      readonly tried?: readonly SizeTrial[];
      /** In the answer to `optimise`. */
      readonly passes?: readonly string[];
      readonly stepped?: StepReport;
    }
  | { readonly kind: 'failed'; readonly user: boolean; readonly message: string };

/** What a port says of itself once it has started. */
export interface Started {
  readonly report: EngineReport;
  readonly capabilities: readonly Capability[];
}

/** A probe as a port gave it. */
export type RecordedProbe = Omit<Extract<HostReply, { kind: 'probe' }>, 'kind'>;
export type RecordedProbeSink = (probe: RecordedProbe) => void;
