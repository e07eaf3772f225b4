import { UserError } from '../../harness/support/errors.js';
import { suiteModes } from '../text/modes.js';
import { formNamed, forms } from './read-forms.js';

/**
 * Throws a UserError for a mode that TIPC's script for a file of this form does not have: it would train with it, or
 * run nothing.
 */
export function validateFormMode({ path, form }: { readonly path: string; readonly form: string }, mode: string): void {
  const known = formNamed(form).modes;
  if (known.includes(mode)) return;
  const having = formsOf(mode);
  // js_infer: test_tipc/test_infer_js.sh reads no text file.
  const others = having.length > 0 ? `, or a file of the form ${having.join(' or ')}` : '';
  const fileless = having.length === 0 && !suiteModes.includes(mode) ? `, and ${mode} without a text file` : '';
  throw new UserError(
    `Cannot plan mode ${mode} of ${path}: the file is of the form ${form}, which TIPC runs in ${known.join(', ')}${fileless}; one of these is wanted${others}`,
  );
}

/** Forms whose scripts have a mode; none for modes of ours, and for those that TIPC has without a text file. */
export function formsOf(mode: string): readonly string[] {
  return forms.filter(({ modes }) => modes.includes(mode)).map(({ name }) => name);
}
