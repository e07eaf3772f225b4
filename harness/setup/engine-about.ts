/**
 * What is known of an engine that runs ONNX files before it is started. `engines/<name>/about.ts` exports it as
 * `about`; the program stands beside it and speaks `tipcheck-engine/1` (docs/engines.md).
 */
export interface EngineAbout {
  /** What computes, as texts say it. */
  readonly runsOn: string;
  /** A file of the same folder. `.py` runs in a Python environment of its own, `.mjs` in Node. */
  readonly program: 'adapter.py' | 'adapter.mjs';
  /** All of them, with exact versions, of PyPI or of npm. */
  readonly packages: readonly string[];
  /** What may follow the name, as in NAME:CPU; null: nothing. */
  readonly option: string | null;
}
