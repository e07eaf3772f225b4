import { EnvironmentError, UserError } from '../support/errors.js';
import { suggest } from '../support/suggest.js';

/**
 * A mode's name with underscores, as TIPC writes it; hyphens are accepted. Throws a UserError for one that neither TIPC nor
 * tipcheck knows: TIPC would train with it.
 */
export function parseMode(mode: string): string {
  const name = mode.replaceAll('-', '_');
  if (modes.has(name)) return name;
  throw new UserError(
    `Cannot run mode ${mode}: it is no mode; one of ${[...modes.keys()].join(', ')} is wanted.${suggest(name, [...modes.keys()])}`,
  );
}

/**
 * Throws a UserError for a mode that TIPC's script for a file of this form does not have: it would train with it, or run nothing.
 */
export function validateFormMode(
  { path, form }: { readonly path: string; readonly form: TipcForm },
  mode: string,
): void {
  const known = formModes[form];
  if (known.includes(mode)) return;
  const forms = formsOf(mode);
  // js_infer: test_tipc/test_infer_js.sh reads no text file.
  const others = forms.length > 0 ? `, or a file of the form ${forms.join(' or ')}` : '';
  const fileless = forms.length === 0 && !suiteModes.includes(mode) ? `, and ${mode} without a text file` : '';
  throw new UserError(
    `Cannot plan mode ${mode} of ${path}: the file is of the form ${form}, which TIPC runs in ${known.join(', ')}${fileless}; one of these is wanted${others}`,
  );
}

/** Forms whose scripts have a mode; none for modes of ours, and for those that TIPC has without a text file. */
export function formsOf(mode: string): readonly TipcForm[] {
  return (Object.keys(formModes) as TipcForm[]).filter((form) => formModes[form].includes(mode));
}

/** The forms of TIPC's text files. */
export type TipcForm = 'train_infer' | 'paddle2onnx' | 'ptq' | 'serving_python' | 'serving_cpp' | 'cpp' | 'dy2static';

/** Which modes TIPC's script for a form has. */
const formModes: Readonly<Record<TipcForm, readonly string[]>> = {
  train_infer: [
    'lite_train_lite_infer',
    'lite_train_whole_infer',
    'whole_train_whole_infer',
    'whole_infer',
    'klquant_whole_infer',
    'benchmark_train',
  ],
  paddle2onnx: ['paddle2onnx_infer'],
  ptq: ['whole_infer'],
  serving_python: ['serving_infer'],
  serving_cpp: ['serving_infer'],
  cpp: ['cpp_infer'],
  dy2static: ['dy2static'],
};

/** The error for a mode that exists and for which this version has no suite. */
export function refuseMode(mode: string, model: string, available: readonly string[]): EnvironmentError {
  return new EnvironmentError(
    `Cannot run mode ${mode} of ${model}: it ${modes.get(mode) ?? 'is new'}, which this version of tipcheck does not do yet; ${available.join(' or ')} is what it runs`,
  );
}

/**
 * Modes of TIPC (test_tipc/README.md and its scripts) and our own, with what each does, after "it".
 */
const modes: ReadonlyMap<string, string> = new Map([
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
