import { resolve } from 'node:path';
import type { StepResult, TipcRun } from '../../harness/result/record/tipc-run.js';
import { capFaults, type Findings, noFindings } from '../../harness/run/findings.js';
import { portBeforeMerge } from '../../harness/run/port-before-merge.js';
import { messageOf, UserError } from '../../harness/support/errors.js';
import { findShipped } from '../../harness/support/take-shipped.js';
import { hashOrNull } from '../inputs/file-hashes.js';
import type { TipcFile } from '../plan/form.js';
import type { TipcPlan } from '../plan/plan.js';
import { readTipcFile } from '../plan/read-tipc-file.js';
import { nameFolders } from '../run/name-folders.js';
import { planMode } from '../run/plan-mode.js';
import { isShippedFile, type RunPlace } from './run-place.js';

/**
 * What the text file plans in the modes of the run; null where it is not there as it was. @throws UserError for what
 * plans nothing
 */
export async function planAgain(place: RunPlace, tipc: TipcRun): Promise<readonly TipcPlan[] | null> {
  const found = await findTextFile(place, tipc);
  if (found === null || found.sha256 !== tipc.fileSha256) return null;
  const file = await readTipcFile(found.path);
  return tipc.mode.split(', ').map((mode) => planOf(file, mode, tipc));
}

/**
 * The text file is planned again where it is there: of its model, its rows and their commands the run says what the
 * file says.
 */
export async function checkTextFile(place: RunPlace, tipc: TipcRun, command: readonly string[]): Promise<Findings> {
  const found = await findTextFile(place, tipc);
  if (found === null) return { ...noFindings, unchecked: [`the text file ${tipc.file}, which is not there`], away: 1 };
  const { path, sha256 } = found;
  if (sha256 !== tipc.fileSha256) {
    if (!place.isKnown || (!place.isOurVersion && isShippedFile(place, path)))
      return { ...noFindings, unchecked: [`the text file ${tipc.file}, which is not there as it was`], away: 1 };
    return { ...noFindings, faults: [`${tipc.file} has the hash ${sha256}; the run planned by ${tipc.fileSha256}`] };
  }
  try {
    const file = await readTipcFile(path);
    const faults = tipc.mode.split(', ').flatMap((mode) => findOtherRows(file, mode, tipc, command));
    // Another version may plan other rows by the same file.
    if (place.isOurVersion) return { ...noFindings, faults: capFaults([...new Set(faults)]) };
    return {
      ...noFindings,
      unchecked: faults.length === 0 ? [] : [`rows, which this version plans otherwise (${faults[0]})`],
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { ...noFindings, faults: [`${tipc.file} cannot be planned any more: ${messageOf(error)}`] };
  }
}

/** One that tipcheck ships is the run's where it is the same: the user's own of this name may be away. */
async function findTextFile(
  { start }: RunPlace,
  { file, fileSha256 }: TipcRun,
): Promise<{ readonly path: string; readonly sha256: string } | null> {
  const path = resolve(start, file);
  const own = await hashOrNull(path);
  if (own !== null) return { path, sha256: own.sha256 };
  const shipped = findShipped(file, start);
  const found = shipped === null ? null : await hashOrNull(shipped);
  return found?.sha256 === fileSha256 ? { path: shipped!, sha256: fileSha256 } : null;
}

function findOtherRows(file: TipcFile, mode: string, tipc: TipcRun, ran: readonly string[]): string[] {
  const { model, steps, planned } = tipc;
  const plan = planOf(file, mode, tipc);
  const faults =
    plan.modelName === model ? [] : [`result.json says model ${model}; ${tipc.file} says ${plan.modelName}`];
  const ofMode = steps.filter((step) => (step.mode ?? tipc.mode) === mode);
  for (const port of new Set(ofMode.map((step) => step.port))) {
    const own = ofMode.filter((step) => step.port === port);
    const commandOf = ({ command }: StepResult): string =>
      unplace(command, plan.outputFolder, portBeforeMerge(port, ran));
    for (const { number, kind, command } of plan.steps) {
      const step = own.find((one) => one.number === number);
      if (step === undefined)
        faults.push(`${port}: ${tipc.file} plans the step ${number}-${kind} of ${mode}, which is not there`);
      else if (step.kind !== kind || commandOf(step) !== command)
        faults.push(`${step.id}: its command is not the one that ${tipc.file} gives, ${command}`);
    }
    if (own.length > plan.steps.length)
      faults.push(`${port}: it has ${own.length} steps of ${mode}; ${tipc.file} plans ${plan.steps.length}`);
  }
  if (planned.length === 0) faults.push(`no step was planned, and ${tipc.file} plans ${plan.steps.length}`);
  return faults;
}

function planOf(file: TipcFile, mode: string, { params = null }: TipcRun): TipcPlan {
  return planMode(file, mode, mode === 'benchmark_train' ? params : null);
}

/** A second port's files lie in a folder of its own among those of the first. */
function unplace(command: string, outputFolder: string, port: string): string {
  const [name = ''] = nameFolders([port]);
  return command.replaceAll(
    new RegExp(`${escapePattern(`${outputFolder}/${name}`)}(?:-\\d+)?(?=[/\\s]|$)`, 'g'),
    outputFolder,
  );
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
