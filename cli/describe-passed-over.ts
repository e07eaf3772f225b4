import { oneLine } from '../harness/reporters/one-line.js';

const namedAtMost = 10;

/** A line that counts and names the files of a folder that are not pictures; none where there are none. */
export function describePassedOver(names: readonly string[], folder: string): string[] {
  if (names.length === 0) return [];
  const named = names.slice(0, namedAtMost).map(oneLine).join(', ');
  const more = names.length > namedAtMost ? ` and ${names.length - namedAtMost} more` : '';
  const are = names.length === 1 ? '1 file is not a picture' : `${names.length} files are not pictures`;
  return [`Passed over in ${oneLine(folder)}: ${are}: ${named}${more}`];
}
