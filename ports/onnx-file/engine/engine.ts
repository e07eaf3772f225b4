import type { EngineReport } from '../../../harness/contract/engine-report.js';
import type { Float32NdArray } from '../../../harness/contract/nd-array.js';
import type { RawArray, Wanted } from './exchange.js';

/** A program that runs ONNX files: `tipcheck-engine/1`, docs/engines.md. */
export interface Engine {
  readonly name: string;
  /** Of the last graph that was loaded. */
  readonly report: EngineReport;
  /** Loads a graph in place of the last one. Throws an EnvironmentError with what the program says. */
  load(graph: EngineGraph): Promise<LoadedGraph>;
  /** Ends the program. */
  close(): Promise<void>;
}

export interface EngineGraph {
  readonly bytes: Uint8Array;
  readonly inputs: readonly Omit<RawArray, 'data'>[];
  /** In the order in which the file makes them. */
  readonly outputs: readonly Wanted[];
}

export interface LoadedGraph {
  /** Outputs that the engine lost. */
  readonly notGiven: ReadonlySet<string>;
  /** Gives all outputs but those. */
  run(feeds: readonly RawArray[]): Promise<ReadonlyMap<string, Float32NdArray>>;
}
