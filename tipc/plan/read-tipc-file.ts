import { UserError } from '../../harness/support/errors.js';
import { whyUnread } from '../../harness/support/explain-system.js';
import { readPlainText } from '../../harness/support/plain-file.js';
import { parseTipcLines, type TipcLine } from '../text/lines.js';
import { refuseOtherSuites } from '../text/other-suites.js';
import type { TipcFile, TipcForm } from './form.js';
import { forms } from './read-forms.js';

/** Reads a TIPC text file; see `parseTipcText`. */
export async function readTipcFile(path: string): Promise<TipcFile> {
  try {
    return parseTipcText(await readPlainText(path), path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const why = whyUnread(error, path);
    throw new UserError(
      `Cannot read the TIPC text file ${path}: ${why}; a file like those under configs/tipc is wanted`,
    );
  }
}

/**
 * Parses a TIPC text file. Its first line tells the form, as each form of `tipc/forms/` recognises it.
 *
 * Source: test_tipc/*.sh of PaddleSeg. Differs: what the scripts would take in silence and get wrong (a line too few or
 * too many, a value of the wrong kind, a second colon) is a UserError that names file and line.
 */
export function parseTipcText(text: string, path: string): TipcFile {
  const lines = parseTipcLines(text);
  refuseOtherSuites(lines, path);
  return chooseForm(lines, path).parse(lines, path);
}

function chooseForm(lines: readonly TipcLine[], path: string): TipcForm {
  const found = forms.filter((form) => form.recognise(lines)).at(-1);
  if (found !== undefined) return found;
  const [first] = lines;
  const titles = [...new Set(forms.map(({ title }) => title))];
  throw new UserError(
    `Cannot read ${path}:${first?.line ?? 1}: it begins with ${JSON.stringify(first?.text ?? '')}; a title of TIPC is wanted: ${titles.slice(0, -1).join(', ')}, or ${titles.at(-1)}`,
  );
}
