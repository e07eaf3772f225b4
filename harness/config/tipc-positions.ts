import type { TipcArgument, TipcFile, TipcList, TipcModes } from './tipc-file.js';
import { givenValue, isTitle, listValue, modeValues, type TipcLine, tipcError, validateColons } from './tipc-lines.js';

/**
 * Reads values by position (from 1, among the lines that are not empty) and checks their kind; each error names file and
 * line. Beyond `lastPosition` a missing line, or one where a section begins, is empty, as in TIPC.
 */
export function positionReader(lines: readonly TipcLine[], lastPosition: number, path: string) {
  const lineAt = (position: number): TipcLine => {
    const line = lines[position - 1];
    if (line === undefined || (position > lastPosition && isTitle(line.text))) return absentLine;
    validateColons(line, path);
    return line;
  };
  const list = (position: number): TipcList => {
    const line = lineAt(position);
    return { key: givenValue(line.key), values: listValue(line.value) };
  };
  const listOf = (position: number, fits: (item: string) => boolean, wanted: string): TipcList => {
    const found = list(position);
    const odd = found.values.find((item) => item !== null && !fits(item));
    if (odd === undefined) return found;
    throw tipcError(path, lineAt(position), `${found.key} has the item ${JSON.stringify(odd)}; ${wanted} is wanted`);
  };
  const value = (position: number): string | null => givenValue(lineAt(position).value);

  return {
    list,
    value,
    required(position: number): string {
      const found = value(position);
      if (found !== null) return found;
      throw tipcError(path, lineAt(position), `${lineAt(position).key} has no value; one is wanted`);
    },
    key(position: number): string {
      const key = givenValue(lineAt(position).key);
      if (key !== null) return key;
      throw tipcError(path, lineAt(position), `position ${position} has no key; the name of an argument is wanted`);
    },
    argument(position: number): TipcArgument {
      const line = lineAt(position);
      return { key: givenValue(line.key), value: givenValue(line.value) };
    },
    modes(position: number): TipcModes {
      const line = lineAt(position);
      const values = modeValues(line, path);
      const odd = [...values].find(([, count]) => !isCount(count));
      if (odd === undefined) return { key: givenValue(line.key), values };
      throw tipcError(path, line, `${line.key} is ${JSON.stringify(odd[1])} in ${odd[0]}; ${wantedCount} is wanted`);
    },
    words(position: number, known: readonly string[]): TipcList {
      return listOf(position, (item) => known.includes(item), `one of ${known.join(', ')}`);
    },
    counts(position: number): TipcList {
      return listOf(position, isCount, wantedCount);
    },
    gpuList(position: number): readonly string[] {
      const line = lineAt(position);
      const entries = listValue(line.value);
      const odd = entries.find((entry) => entry === null || !/^(?:-1|\d+(?:,\d+)*|[\w.,-]+;\d+(?:,\d+)*)$/.test(entry));
      if (entries.length > 0 && odd === undefined) return entries.filter((entry) => entry !== null);
      throw tipcError(
        path,
        line,
        `gpu_list has the entry ${JSON.stringify(odd ?? null)}; -1, device numbers such as 0,1 or ips;devices is wanted`,
      );
    },
    /** Three parallel lists from `position` on: weights, export commands, quantised or not. */
    inferModels(position: number): TipcFile['infer']['models'] {
      const weights = list(position).values;
      const commands = list(position + 1).values;
      const quantised = listOf(position + 2, (item) => item === 'True' || item === 'False', 'True or False').values;
      if (weights.length > 0 && (commands.length > weights.length || quantised.length !== weights.length))
        throw tipcError(
          path,
          lineAt(position),
          `infer_model has ${weights.length} items, infer_export ${commands.length} and infer_quant ${quantised.length}; as many of each are wanted`,
        );
      return weights.map((weight, index) => ({
        weights: weight,
        exportCommand: commands[index] ?? null,
        quantised: quantised[index] === 'True',
      }));
    },
  };
}

const absentLine: TipcLine = { key: '', value: '', position: 0, line: 0, text: '' };
const wantedCount = 'a whole number above 0';

function isCount(text: string): boolean {
  return /^[1-9]\d*$/.test(text);
}
