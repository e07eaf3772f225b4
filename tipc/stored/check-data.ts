import { statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import type { RecordedData, RunInputs, TipcRun } from '../../harness/result/record/tipc-run.js';
import { capFaults, type Findings, noFindings } from '../../harness/run/findings.js';
import { portBeforeMerge } from '../../harness/run/port-before-merge.js';
import { messageOf, UserError } from '../../harness/support/errors.js';
import { type ListedData, listData, recordData } from '../inputs/record-data.js';
import { planAgain } from './check-text-file.js';
import { locateFile, type RunPlace } from './run-place.js';

/** Of the files that a run read, by their places: a merge has other paths to them than the run. */
type Hashes = ReadonlyMap<string, string>;
type RecordedRun = TipcRun & { readonly inputs: RunInputs };

/** Data sets by name, with whole paths. */
type Counted = ReadonlyMap<string, RecordedData>;

interface ReadFiles {
  /** Of the run's manifest. */
  readonly files: readonly (readonly [path: string, sha256: string])[];
  /** Whether all of them are there, and this version recorded them; else another count says nothing. */
  readonly isWhole: boolean;
}

/**
 * Data sets are listed again, and counted by the hashes of their files as the run counted them before its first step.
 * Called where no file is another than it was.
 * @param command of the run
 */
export async function checkData(
  place: RunPlace,
  tipc: RecordedRun,
  command: readonly string[],
  { files, isWhole }: ReadFiles,
): Promise<Findings> {
  const hashes: Hashes = new Map(files.map(([path, sha256]) => [resolve(place.start, path), sha256]));
  const ports = [...new Set(tipc.steps.map(({ port }) => portBeforeMerge(port, command)))];
  const recorded = tipc.inputs.data.map((one) => withWholePaths(one, place.start));
  const all: Counted[] = [];
  let lack: string | null = null;
  // Where a merge of two folders lies, nothing was started; its text file lies in the folder of one of its parts.
  for (const folder of [place.start, ...foldersAbove(resolve(place.start, tipc.file))])
    try {
      const counted = await inFolder(folder, () => countData(place, tipc, ports, hashes));
      if (counted === null) return noFindings;
      all.push(counted);
      if (isPlacedAs(counted, recorded)) break;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      lack ??= messageOf(error);
    }
  const counted = all.find((one) => isPlacedAs(one, recorded)) ?? all[0];
  if (counted === undefined) return { ...noFindings, unchecked: [`how many pictures it read (${lack})`] };
  return compareCounts(counted, recorded, { place, file: tipc.file, isWhole });
}

function foldersAbove(path: string): string[] {
  const folder = dirname(path);
  return folder === path ? [] : [folder, ...foldersAbove(folder)];
}

/** What a text file, its ymls and lists name is from where the run was started, and so is what is recorded of it. */
async function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const here = process.cwd();
  try {
    process.chdir(folder);
  } catch {
    // Only the system throws here, and of the folder: a file may have its name.
    throw new UserError(`there is no folder ${folder} that can be entered`);
  }
  try {
    return await work();
  } finally {
    process.chdir(here);
  }
}

/** Null where the text file is not there as it was, which is said elsewhere. */
async function countData(
  place: RunPlace,
  tipc: RecordedRun,
  ports: readonly string[],
  hashes: Hashes,
): Promise<Counted | null> {
  const plans = await planAgain(place, tipc);
  if (plans === null) return null;
  const configs = new Map(tipc.inputs.configs.map(({ name, used }) => [name, { path: locateFile(place, used.path) }]));
  const known = { of: (path: string) => fileOf(path, hashes), all: () => [...hashes] };
  const counted = new Map<string, RecordedData>();
  for (const plan of plans)
    for (const listed of await listData({ plan, configs, ports })) {
      const data = await recordData(withoutNew(listed, hashes), known);
      counted.set(data.name, withWholePaths(data, ''));
    }
  return counted;
}

/** Pictures that came into a folder after the run are none of it. */
function withoutNew(data: ListedData, hashes: Hashes): ListedData {
  if (data.list !== null || data.pairs === null) return data;
  return { ...data, pairs: data.pairs.filter(({ image }) => hashes.has(resolve(image))) };
}

function fileOf(path: string, hashes: Hashes) {
  const sha256 = hashes.get(resolve(path));
  return sha256 === undefined ? null : { sha256, bytes: statSync(path, { throwIfNoEntry: false })?.size ?? 0 };
}

function withWholePaths(data: RecordedData, folder: string): RecordedData {
  return {
    ...data,
    root: resolve(folder, data.root),
    list: data.list === null ? null : resolve(folder, data.list),
  };
}

function isPlacedAs(counted: Counted, recorded: readonly RecordedData[]): boolean {
  return recorded.every(({ name, root, list }) => counted.get(name)?.root === root && counted.get(name)?.list === list);
}

interface Comparison {
  readonly place: RunPlace;
  /** The text file. */
  readonly file: string;
  readonly isWhole: boolean;
}

function compareCounts(
  counted: Counted,
  recorded: readonly RecordedData[],
  { place: { start }, file, isWhole }: Comparison,
): Findings {
  const named = new Set(recorded.map(({ name }) => name));
  const faults = [...counted.keys()].flatMap((name) =>
    named.has(name) ? [] : [`by ${file} it read ${name}; result.json does not name it`],
  );
  const unchecked: string[] = [];
  for (const one of recorded) {
    const found = counted.get(one.name);
    if (found === undefined) faults.push(`result.json says that it read ${one.name}; ${file} names no such data`);
    else if (describeCount(one, start) === describeCount(found, start)) continue;
    else if (found.images === null) unchecked.push(`how many pictures ${one.name} has (${found.note})`);
    // Nothing of it was read: the run could not list what can be listed now.
    else if (one.images !== null || found.bytes > 0) {
      const other = `${one.name}: counted again it is ${describeCount(found, start)}; result.json says ${describeCount(one, start)}`;
      if (isWhole) faults.push(other);
      else unchecked.push(`how many pictures it read (${other})`);
    }
  }
  return { faults: capFaults(faults), unchecked };
}

function describeCount({ type, root, list, images, bytes, sha256 }: RecordedData, start: string): string {
  const by = list === null ? '' : ` by ${relative(start, list)}`;
  const what = `${type ?? 'pictures'} in ${relative(start, root) || '.'}${by}`;
  return images === null ? `${what}, not listed` : `${what}: ${images} pictures, ${bytes} bytes, SHA-256 ${sha256}`;
}
