/** What actually runs: read from the engine, never repeated from the request. */
export interface EngineReport {
  readonly engine: string;
  readonly version: string;
  readonly device: 'cpu' | 'gpu';
  /** Execution provider or backend, for example `CPUExecutionProvider`, `tensorflow`, `wasm`. */
  readonly provider: string;
  readonly tf32: 'off' | 'on' | 'not applicable';
  /** Further facts worth a line in a report. */
  readonly details: Readonly<Record<string, string>>;
}
