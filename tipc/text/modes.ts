import { UserError } from '../../harness/support/errors.js';
import { suggest } from '../../harness/support/suggest.js';

/**
 * A mode's name with underscores, as TIPC writes it; hyphens are accepted. Throws a UserError for one that neither TIPC
 * nor tipcheck knows: TIPC would train with it.
 */
export function parseMode(mode: string): string {
  const name = mode.replaceAll('-', '_');
  if (modes.has(name)) return name;
  throw new UserError(
    `Cannot run mode ${mode}: it is not a mode; one of ${[...modes.keys()].join(', ')} is wanted.${suggest(name, [...modes.keys()])}`,
  );
}

/**
 * Modes of TIPC (test_tipc/README.md and its scripts) and our own, with what each does, after "it".
 */
export const modes: ReadonlyMap<string, string> = new Map([
  ['lite_infer', 'judges inference on shipped bundles'],
  ['lite_train', 'judges training on shipped bundles'],
  ['full_eval', 'evaluates on a whole data set'],
  ['lite_train_lite_infer', 'trains for a few iterations and infers on a few pictures'],
  ['lite_train_whole_infer', 'trains for a few iterations and infers on all pictures'],
  ['whole_train_whole_infer', 'trains on a whole data set and infers on all of it'],
  ['whole_infer', 'infers on a whole data set'],
  ['klquant_whole_infer', 'quantises and infers on a whole data set'],
  ['benchmark_train', 'times training'],
  ['paddle2onnx_infer', 'converts with paddle2onnx and infers'],
  ['cpp_infer', 'infers in C++'],
  ['serving_infer', 'serves a model and infers over HTTP'],
  ['js_infer', 'infers in a browser'],
  ['dy2static', 'compares eager with static training'],
]);

/** Modes of ours: suites, judged by shipped goldens. */
export const suiteModes: readonly string[] = ['lite_infer', 'lite_train', 'full_eval'];

/** Modes of TIPC's own whose steps are run. */
export const tipcModes: readonly string[] = [
  'lite_train_lite_infer',
  'lite_train_whole_infer',
  'whole_train_whole_infer',
  'whole_infer',
  'benchmark_train',
  'paddle2onnx_infer',
];
