import { basename, dirname, join, relative, resolve } from 'node:path';
import { readShipped } from '../../harness/golden/shipped-goldens.js';
import { writeReport } from '../../harness/reporters/write-report.js';
import type { Result } from '../../harness/result/record/result.js';
import { findOtherPrecision } from '../../harness/run/find-contradictions.js';
import { type LabelledResult, mergeResults } from '../../harness/run/merge-results.js';
import { readSoundRun } from '../../harness/run/read-run.js';
import { findDropped } from '../../harness/run/verify-cases.js';
import { UserError } from '../../harness/support/errors.js';
import { realPlace } from '../../harness/support/place-inside.js';
import { parseMode } from '../text/modes.js';
import { mergeTipcRuns, type StoredSteps, writeMergedManifest, writeMergedPlan } from './merge.js';
import { verifyRun } from './verify-run.js';

export interface MergeOptions {
  /** Where the whole is written. */
  readonly out: string;
  /** Suites that are planned beside those that the runs name. */
  readonly suite?: readonly string[];
  /** Ports of TIPC's modes, in place of those that the text file names. */
  readonly port?: readonly string[];
  /** TIPC's modes that are planned beside those of the runs. */
  readonly mode?: readonly string[];
}

/** Either the whole, or what it lacks. */
export type Merged =
  | { readonly missing: readonly string[]; readonly result: null }
  | {
      readonly missing: readonly [];
      readonly result: Result;
      /** Paths. */
      readonly written: readonly string[];
    };

/**
 * Joins stored runs into one result with its reports. Where something planned is missing, nothing is written.
 * @param paths folders of runs, or their result.json
 * @throws UserError for runs that cannot be one
 */
export async function mergeStored(paths: readonly string[], options: MergeOptions): Promise<Merged> {
  const runs: StoredSteps[] = [];
  for (const path of paths) runs.push(await readLabelled(path));
  const twice = runs.find(({ label }, at) => runs.findIndex((other) => other.label === label) !== at);
  if (twice !== undefined)
    throw new UserError(
      `Cannot merge two runs called ${twice.label}: their folders have one name; a name for each is wanted`,
    );
  await refuseOwnFolder(runs, options.out);
  const ofTipc = runs.filter(({ result }) => result.tipc !== undefined);
  refuseStray(options, ofTipc.length > 0);
  if (ofTipc.length === 0) return mergeGoldens(runs, options);
  const other = runs.find(({ result }) => result.tipc === undefined);
  if (other === undefined) return mergeSteps(runs, options);
  throw new UserError(
    `Cannot merge ${other.label} and ${ofTipc[0]!.label}: one judged goldens, the other ran steps of TIPC; runs of one kind are wanted. Fix: npx tipcheck certificate shows runs of both kinds`,
  );
}

/** A part is read after the whole is written, too: by whoever looks at it again. */
async function refuseOwnFolder(runs: readonly StoredSteps[], folder: string): Promise<void> {
  const place = await realPlace(join(folder, 'result.json'));
  for (const { label, path } of runs)
    if ((await realPlace(path)) === place)
      throw new UserError(
        `Cannot merge into ${folder}: the run ${label} lies there, and its result.json would be written over; another folder is wanted`,
      );
}

function refuseStray({ suite, port, mode }: MergeOptions, isOfTipc: boolean): void {
  const stray = isOfTipc ? suite && '--suite' : ((port && '--port') ?? (mode && '--mode'));
  if (stray === undefined) return;
  throw new UserError(
    `Cannot use ${stray}: the runs ${isOfTipc ? "are of TIPC's modes, which are not suites" : 'judged goldens, which suites plan'}; a command without it is wanted. Fix: ${isOfTipc ? '--port and --mode' : '--suite'}`,
  );
}

async function mergeSteps(
  runs: readonly StoredSteps[],
  { out: folder, port, mode = [] }: MergeOptions,
): Promise<Merged> {
  const wanted = { ports: port ?? null, modes: mode.map(parseMode) };
  const { result: joined, faults } = mergeTipcRuns(runs, wanted, folder);
  if (faults.length > 0) return { missing: faults, result: null };
  for (const run of runs) await refuseUnsound(run);
  return writeMerged(await writeMergedPlan(folder, await writeMergedManifest(runs, joined, folder)), folder);
}

/** A run of TIPC's modes stands on files, which must be what it says of them. */
async function refuseUnsound(run: StoredSteps): Promise<void> {
  const [fault] = (await verifyRun(run)).faults;
  if (fault === undefined) return;
  throw new UserError(
    `Cannot merge ${run.path}: ${fault}; a run that is what it says is wanted. Fix: npx tipcheck verify ${relative('', dirname(run.path))}`,
  );
}

async function mergeGoldens(
  runs: readonly LabelledResult[],
  { out: folder, suite = [] }: MergeOptions,
): Promise<Merged> {
  const partial = runs.find(({ result }) => result.partial);
  if (partial !== undefined)
    throw new UserError(
      `Cannot merge ${partial.label}: only some of its probes were asked for (--only), and a suite plans all of them; whole runs are wanted`,
    );
  const merged = mergeResults(runs);
  const named = merged.suite?.split(', ') ?? [];
  const suites = [...new Set([...named, ...suite])];
  if (suites.length === 0)
    throw new UserError(
      'Cannot merge runs: none of them ran a suite, so that nothing says what was planned; one is wanted. Fix: --suite with a name that npx tipcheck list has',
    );
  const result = { ...merged, suite: suites.join(', ') };
  for (const text of findOtherPrecision(result)) throw new UserError(`Cannot merge runs: ${text}`);
  const shipped = await readShipped();
  const ofParts = runs.flatMap((run) =>
    findDropped(run.result, shipped, 'ran').map((text) => `of the run ${run.label}, ${text}`),
  );
  const missing = ofParts.length > 0 ? ofParts : findDropped(result, shipped);
  return missing.length > 0 ? { missing, result: null } : writeMerged(result, folder);
}

async function writeMerged(result: Result, folder: string): Promise<Merged> {
  return { missing: [], result, written: await writeReport(folder, result) };
}

/** Called by its folder's name. */
async function readLabelled(run: string): Promise<StoredSteps> {
  const { path, result } = await readSoundRun(run, 'merge');
  return { label: basename(dirname(resolve(path))), path, result };
}
