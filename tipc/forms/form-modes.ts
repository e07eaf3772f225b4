import { UserError } from '../../harness/support/errors.js';
import { suiteModes } from '../text/modes.js';
import type { TipcForm } from './form.js';

/**
 * Throws a UserError for a mode that TIPC's script for a file of this form does not have: it would train with it, or
 * run nothing.
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
