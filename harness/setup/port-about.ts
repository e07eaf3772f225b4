import type { Float32NdArray } from '../contract/nd-array.js';
import type { ModelSection } from '../contract/port.js';
import type { Progress } from '../support/progress.js';
import type { CudaMajor } from './cuda-sets.js';
import type { Engine, EngineDevice } from './engines.js';
import type { PrepareContext } from './prepare-context.js';

/**
 * What is known of a port before its engine is loaded. `ports/<name>/about.ts` exports it as `about` and loads no
 * engine. A folder of `ports/` without it is not a port, but helps others.
 */
export type PortAbout = NamedPort | AdapterPort;

/** A port that is asked for by its folder's name. */
export interface NamedPort {
  readonly kind: 'named';
  /** What computes, as texts say it. */
  readonly runsOn: string;
  readonly engines: readonly Engine[];
  /** By the CUDA that it is built for, the engine of the device gpu; absent: the same as of the cpu. */
  readonly cudaEngines?: Readonly<Record<CudaMajor, Engine>>;
  /** Its place among the ports: where no port is asked for, the lower rank goes first. */
  readonly rank: number;
  /**
   * Whether `tipcheck doctor` is green only where it runs, and whether TIPC's modes run it where nobody names a port.
   */
  readonly required: boolean;
  readonly trains: boolean;
  readonly cpuOnly: boolean;
  /** Makes it ready to run; null where nothing is to be done. */
  readonly prepare: (() => Promise<{ prepare(context: PrepareContext): Promise<void> }>) | null;
  /** Of its engine, on the cpu: `settings.release` says which one runs. Absent: nobody can choose. */
  readonly releases?: () => Promise<Releases>;
  /** Whether that takes minutes, Python and a compiler: `npm start` begins with it and judges other ports meanwhile. */
  readonly slow: boolean;
  /** What others wait for while `prepare` makes it; null where nobody needs to. */
  readonly native: NativePart | null;
  readonly capabilities: Capabilities;
  /** What it takes; null where that was not measured. */
  readonly estimates: Estimates | null;
}

/** A port that runs something of the user's, and is reached by what it is given. */
export interface AdapterPort {
  readonly kind: 'adapter';
  readonly accepts: Accepts;
  /** Whether that is a program, which may remember the goldens that it was shown. */
  readonly foreign: boolean;
  /** What that program is asked first, for a text that it did not answer; absent: there is none. */
  readonly firstQuestion?: string;
  readonly runsOn: string;
  /** How its engine optimises what it runs; absent: nobody can choose. */
  readonly optimisation?: Optimisation;
}

export interface Optimisation {
  /** From none to what users run. */
  readonly levels: readonly string[];
  /** Of a pass that does several things, their names: each can be switched off by itself. */
  readonly parts: Readonly<Record<string, readonly string[]>>;
}

/**
 * A file by its ending, which becomes `settings.path`; or a word with a prefix, whose rest becomes `settings[follows]`.
 */
export type Accepts =
  | { readonly by: 'ending'; readonly ending: string }
  | { readonly by: 'prefix'; readonly prefix: string; readonly follows: string };

export interface Releases {
  /** Those that are published, oldest first. */
  listReleases(): Promise<readonly string[]>;
  /** Puts one where its port finds it. */
  prepareRelease(release: string, progress: Progress): Promise<void>;
}

export interface NativePart {
  isReady(device: EngineDevice): boolean;
  /** Whose lock (`withNativeLock`) is held while it is made. */
  folder(device: EngineDevice): string;
}

/** What a port can do beyond the contract. */
export interface Capabilities {
  /** Runs an .onnx file as it is. */
  readonly graph?: true;
  /** Writes a model as an ONNX file. */
  readonly export?: () => Promise<{ readonly exportModel: ExportModel }>;
}

/**
 * An ONNX file of a model: `image` float32 [batch, channels, height, width] to `logits` [batch, classes, height,
 * width]. Throws a UserError for a section that no model can read. `weights` must be the model's own, complete.
 */
export type ExportModel = (
  section: ModelSection,
  weights: ReadonlyMap<string, Float32NdArray>,
  options: ExportOptions,
) => Promise<Uint8Array>;

export interface ExportOptions {
  /** Whether draws are inputs of the graph, or drawn by it in every run. */
  readonly draws: 'input' | 'random';
  /**
   * Whether the graph stays as the model states it. Every parameter is an initializer under its name in state_dict(),
   * and every sublayer's tensor has the sublayer's name. It is slower, but `tipcheck judge` can put weights in and look
   * into it.
   */
  readonly layers: boolean;
  /** Where config and weights came from, in the file's metadata. */
  readonly origin: ReadonlyMap<string, string>;
}

/** Of one process that runs a model of MSCAN_T's size, on two cores. */
export interface Estimates {
  readonly train: Cost;
  readonly infer: Cost;
}

export interface Cost {
  readonly baseMb: number;
  readonly mbPerPixel: number;
  readonly secondsPerPixel: number;
}
