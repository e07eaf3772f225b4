import { oneLine } from '../../harness/support/one-line.js';
import type { ImageList } from './list-images.js';

const namedAtMost = 10;

/**
 * Lines that count and name the files of a folder that are not pictures, and those that are our own results; none where
 * there are none.
 */
export function describePassedOver({ passedOver, ownResults }: ImageList, folder: string): string[] {
  return [
    ...describe(passedOver, folder, ['is not a picture', 'are not pictures']),
    ...describe(ownResults, folder, ['is a result in --save_dir', 'are results in --save_dir']),
  ];
}

function describe(names: readonly string[], folder: string, [is, are]: readonly [string, string]): string[] {
  if (names.length === 0) return [];
  const named = names.slice(0, namedAtMost).map(oneLine).join(', ');
  const more = names.length > namedAtMost ? ` and ${names.length - namedAtMost} more` : '';
  const files = names.length === 1 ? `1 file ${is}` : `${names.length} files ${are}`;
  return [`Passed over in ${oneLine(folder)}: ${files}: ${named}${more}`];
}
