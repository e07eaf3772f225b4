import { Option } from 'commander';
import { type Language, languages } from '../../harness/reporters/alignment/alignment-words.js';
import type { Result } from '../../harness/result/record/result.js';
import { validateWritable, writeAtomicFile } from '../../harness/support/atomic-file.js';
import { UserError } from '../../harness/support/errors.js';

export const alignmentFlags: readonly Option[] = [
  new Option(
    '--alignment <file>',
    "write a Markdown file that says in Paddle's five steps (forward, metric, loss, backward, training) what agrees",
  ),
  new Option('--lang <language>', 'of that file (default: en)').choices(languages),
];

export interface AlignmentFlags {
  readonly alignment?: string;
  readonly lang?: Language;
}

/**
 * Looks at the flags before anything runs.
 * @returns writes the file of a result, where one was asked for
 */
export async function readAlignmentFlags({
  alignment,
  lang,
}: AlignmentFlags): Promise<(result: Result) => Promise<void>> {
  if (alignment === undefined && lang !== undefined)
    throw new UserError(`Cannot use --lang ${lang}: no file is written; --alignment FILE beside it is wanted`);
  if (alignment !== undefined) await validateWritable(alignment);
  return async (result) => {
    if (alignment === undefined) return;
    const { renderAlignment } = await import('../../harness/reporters/alignment/alignment-markdown.js');
    await writeAtomicFile(alignment, renderAlignment(result, lang ?? 'en'));
  };
}
