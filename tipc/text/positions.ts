import { cannot } from '../../harness/support/errors.js';
import type { TipcArgument, TipcList, TipcModes } from './frame.js';
import { isGiven, isTitle, listValue, modeValues, type TipcLine, validateColons } from './lines.js';

/**
 * Reads values by position (from 1, among the lines that are not empty) and checks their kind; each error names file
 * and line. Beyond `lastPosition` a missing line, or one where a section begins, is empty, as in TIPC.
 */
export function positionReader(lines: readonly TipcLine[], lastPosition: number, path: string) {
  const lineAt = (position: number): TipcLine => {
    const line = lines[position - 1];
    if (line === undefined || (position > lastPosition && isTitle(line.text))) return absentLine;
    validateColons(line, path);
    return line;
  };
  const argument = (position: number): TipcArgument => {
    const { key, value, line } = lineAt(position);
    return { key, value, line };
  };
  const list = (position: number): TipcList => {
    const { key, value, line } = lineAt(position);
    return { key, values: listValue(value), line };
  };
  const listOf = (position: number, fits: (item: string) => boolean, wanted: string): TipcList => {
    const found = list(position);
    const odd = found.values.find((item) => item !== 'null' && !fits(item));
    if (odd === undefined) return found;
    throw cannot(
      'read',
      `${path}:${found.line}`,
      `${found.key} has the item ${JSON.stringify(odd)}`,
      `${wanted} is wanted`,
    );
  };

  return {
    argument,
    list,
    required(position: number): string {
      const line = lineAt(position);
      if (isGiven(line.value)) return line.value;
      throw cannot('read', `${path}:${line.line}`, `${line.key} has no value`, 'one is wanted');
    },
    /** An argument whose name is all that counts: the scripts compute its value. */
    named(position: number): TipcArgument {
      const line = lineAt(position);
      if (isGiven(line.key) || position > lastPosition) return argument(position);
      throw cannot(
        'read',
        `${path}:${line.line}`,
        `position ${position} has no key`,
        'the name of an argument is wanted',
      );
    },
    modes(position: number): TipcModes {
      const line = lineAt(position);
      const values = modeValues(line, path);
      const odd = [...values].find(([, count]) => !isCount(count));
      if (odd === undefined) return { key: line.key, values, line: line.line };
      throw cannot(
        'read',
        `${path}:${line.line}`,
        `${line.key} is ${JSON.stringify(odd[1])} in ${odd[0]}`,
        `${wantedCount} is wanted`,
      );
    },
    words(position: number, known: readonly string[]): TipcList {
      return listOf(position, (item) => known.includes(item), `one of ${known.join(', ')}`);
    },
    counts(position: number): TipcList {
      return listOf(position, isCount, wantedCount);
    },
    gpuList(position: number): TipcList {
      const found = list(position);
      const odd = found.values.find((entry) => !/^(?:-1|\d+(?:,\d+)*|[\w.,-]+;\d+(?:,\d+)*)$/.test(entry));
      if (found.values.length > 0 && odd === undefined) return found;
      throw cannot(
        'read',
        `${path}:${found.line}`,
        `gpu_list has the entry ${JSON.stringify(odd ?? '')}`,
        '-1, device numbers such as 0,1 or ips;devices is wanted',
      );
    },
    /** Three parallel lists from `position` on: weights, export commands, quantised or not. */
    inferModels(position: number): { models: TipcList; modelExports: TipcList; modelQuantised: TipcList } {
      const models = list(position);
      const modelExports = list(position + 1);
      const modelQuantised = listOf(position + 2, (item) => item === 'True' || item === 'False', 'True or False');
      const counts = [models, modelExports, modelQuantised].map(({ values }) => values.length);
      const parallel = counts[1]! <= counts[0]! && counts[2] === counts[0];
      if (counts[0] === 0 || parallel) return { models, modelExports, modelQuantised };
      throw cannot(
        'read',
        `${path}:${models.line}`,
        `infer_model has ${counts[0]} items, infer_export ${counts[1]} and infer_quant ${counts[2]}`,
        'as many of each are wanted',
      );
    },
  };
}

const absentLine: TipcLine = { key: '', value: '', position: 0, line: 0, text: '' };
const wantedCount = 'a whole number above 0';

/** The shell drops blanks around a word. */
function isCount(text: string): boolean {
  return /^[1-9]\d*$/.test(text.trim());
}
