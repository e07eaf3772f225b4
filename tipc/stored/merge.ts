import { createHash } from 'node:crypto';
import { dirname, join, relative, resolve } from 'node:path';
import type { Result } from '../../harness/result/record/result.js';
import type { Artefact, RunInputs, TipcRun } from '../../harness/result/record/tipc-run.js';
import { validateInputs } from '../../harness/run/merge-inputs.js';
import { joinFrames, type LabelledResult } from '../../harness/run/merge-results.js';
import { mergeSteps, type WantedSteps } from '../../harness/run/merge-steps.js';
import { judgeSteps, summariseSteps } from '../../harness/run/summarise-steps.js';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { UserError } from '../../harness/support/errors.js';
import { readTextOrNull } from '../../harness/support/read-text.js';
import { findShipped } from '../../harness/support/take-shipped.js';
import { FileHashes } from '../inputs/file-hashes.js';
import { manifestFile, parseManifest, renderManifest } from '../inputs/manifest.js';
import { headOf } from '../run/run-head.js';
import { locateFile, placeOf } from './run-place.js';

export interface StoredSteps extends LabelledResult {
  /** Of its result.json. */
  readonly path: string;
}

/** Runs of TIPC's modes as one result in the folder `out`, and what is wrong with them as parts of one whole. */
export function mergeTipcRuns(
  runs: readonly StoredSteps[],
  wanted: WantedSteps,
  out: string,
): { readonly result: Result; readonly faults: readonly string[] } {
  const starts = runs.map(({ path, result }) => startOf(path, result.tipc!));
  // Jobs of a matrix start in folders of their own: then paths are from where the whole lies.
  const start = new Set(starts).size === 1 ? starts[0]! : resolve(out);
  const placed = runs.map(({ label, path, result }) => ({
    ...{ label, command: result.command, tipc: moveFiles(result, path, start) },
  }));
  const { tipc: joined, faults } = mergeSteps(placed, wanted);
  // By the names that the runs have for them: in two folders these are two files, and are to be equal.
  validateInputs(runs.map(({ label, result }) => ({ label, tipc: result.tipc! })));
  const tipc = { ...joined, startFolder: relative(out, start) || '.' };
  return {
    result: { ...joinFrames(runs, []), verdict: judgeSteps(tipc), summary: summariseSteps(tipc), tipc },
    faults,
  };
}

/**
 * One manifest of what all parts read, in the folder of the whole.
 * @throws UserError where two of them read other files by one path
 */
export async function writeMergedManifest(runs: readonly StoredSteps[], result: Result, out: string): Promise<Result> {
  const { tipc } = result;
  if (tipc === undefined || tipc.inputs === null) return result;
  const start = resolve(out, tipc.startFolder ?? '');
  const files = new Map<string, string>();
  for (const { label, path, result: part } of runs) {
    const from = startOf(path, part.tipc!);
    for (const [file, sha256] of await readManifest(
      join(dirname(path), manifestFile),
      label,
      part.tipc!.inputs!.manifest,
    )) {
      const place = relative(start, resolve(from, file));
      const known = files.get(place);
      if (known !== undefined && known !== sha256)
        throw new UserError(
          `Cannot merge ${label}: it and a run before it read different versions of ${file} (sha256 ${sha256.slice(0, 12)}; ${known.slice(0, 12)}); the same inputs are wanted`,
        );
      files.set(place, sha256);
    }
  }
  const path = join(out, manifestFile);
  await writeAtomicFile(path, renderManifest([...files].sort(([a], [b]) => (a < b ? -1 : 1))));
  return { ...result, tipc: { ...tipc, inputs: { ...tipc.inputs, manifest: await describeFile(path, start) } } };
}

/** It lies beside result.json, wherever the run's folder was moved to. */
async function readManifest(
  path: string,
  label: string,
  { sha256 }: Artefact,
): Promise<readonly (readonly [string, string])[]> {
  const text = await readTextOrNull(path);
  const found = text === null ? sha256 : createHash('sha256').update(text).digest('hex');
  if (found !== sha256)
    throw new UserError(
      `Cannot merge ${label}: ${path} has the hash ${found}; the run recorded ${sha256}, and the manifest that it wrote is wanted`,
    );
  const files = text === null ? null : parseManifest(text);
  if (files !== null) return files;
  throw new UserError(
    `Cannot merge ${label}: ${path} is ${text === null ? 'not there' : 'no list of files with hashes'}; the whole folder of a run is wanted`,
  );
}

/** The plan of a whole is that of its parts. The whole holds it, as a run does its own. */
export async function writeMergedPlan(out: string, result: Result): Promise<Result> {
  const { files, ...tipc } = result.tipc!;
  const steps = tipc.steps.map(({ id, command, row, deviations, notes, estimate }) => ({
    ...{ id, command, row, deviations, notes, estimate },
  }));
  const path = join(out, 'plan.json');
  await writeAtomicFile(path, `${JSON.stringify({ ...headOf(result), ...tipc, steps }, null, 2)}\n`);
  if (files === null) return result;
  const plan = await describeFile(path, resolve(out, tipc.startFolder ?? ''));
  return { ...result, tipc: { ...tipc, files: [...files, plan] } };
}

/** @param start the folder that its path is to be from */
async function describeFile(path: string, start: string): Promise<Artefact> {
  const hashes = new FileHashes();
  await hashes.read([path]);
  return { path: relative(start, resolve(path)), ...hashes.of(path)! };
}

/** Results of an earlier version do not say where they were started: here, then. */
function startOf(path: string, { startFolder }: TipcRun): string {
  return startFolder === null ? resolve('') : resolve(dirname(path), startFolder);
}

/** Files of the run's own folder are those that lie beside its result.json. */
function moveFiles({ tipc, tipcheckVersion }: Result, resultPath: string, to: string): TipcRun {
  const place = placeOf(dirname(resultPath), tipc!, tipcheckVersion);
  const move = (path: string): string => relative(to, locateFile(place, path));
  const steps = tipc!.steps.map((step) => ({
    ...step,
    log: step.log === null ? null : move(step.log),
    record: step.record === null ? null : move(step.record),
    artefacts: step.artefacts.map((one) => ({ ...one, path: move(one.path) })),
  }));
  const { file, files, inputs } = tipc!;
  return {
    ...tipc!,
    // The name of one that tipcheck ships is from the package.
    file: findShipped(file, place.start) === null ? move(file) : file,
    steps,
    files: files === null ? null : files.map((one) => ({ ...one, path: move(one.path) })),
    inputs: inputs === null ? null : moveInputs(inputs, move),
  };
}

function moveInputs({ configs, data, weights, manifest }: RunInputs, move: (path: string) => string): RunInputs {
  return {
    configs: configs.map((one) => ({ ...one, used: { ...one.used, path: move(one.used.path) } })),
    data: data.map((one) => ({ ...one, root: move(one.root), list: one.list === null ? null : move(one.list) })),
    weights: weights.map((one) => ({ ...one, path: move(one.path) })),
    manifest: { ...manifest, path: move(manifest.path) },
  };
}
