import { dirname } from 'node:path';
import { readShipped } from '../../harness/golden/shipped-goldens.js';
import type { Result } from '../../harness/result/record/result.js';
import type { Artefact } from '../../harness/result/record/tipc-run.js';
import { checkDate } from '../../harness/run/check-date.js';
import { findContradictions } from '../../harness/run/find-contradictions.js';
import { type Findings, joinFindings, noFindings } from '../../harness/run/findings.js';
import type { StoredRun } from '../../harness/run/read-run.js';
import { checkGoldens, findDropped, findUnsupported } from '../../harness/run/verify-cases.js';
import { checkReports } from '../../harness/run/verify-reports.js';
import { UserError } from '../../harness/support/errors.js';
import { explainSystem } from '../../harness/support/explain-system.js';
import { readTextOrNull } from '../../harness/support/read-text.js';
import { checkFigures } from './check-figures.js';
import { checkHead } from './check-head.js';
import { checkHeldFiles, type HeldFiles } from './check-held-files.js';
import { checkInputs } from './check-inputs.js';
import { checkJudgedSteps } from './check-judged-steps.js';
import { findOtherPlan } from './check-plan.js';
import { checkTextFile } from './check-text-file.js';
import { findUnrecorded } from './find-unrecorded.js';
import { placeOf } from './run-place.js';

export interface Verification {
  /** What was found wrong, a sentence each; none, here and in the next two: the run is what it says. */
  readonly faults: readonly string[];
  /** Cases that its suites plan and that it lacks. */
  readonly dropped: readonly string[];
  /** Goldens that are others in this package. */
  readonly otherGoldens: readonly string[];
  /** What could not be looked at, and why. */
  readonly unchecked: readonly string[];
  /** How many files that it names are not where they were. */
  readonly away: number;
}

/**
 * Checks a stored run again: its verdicts follow from its figures, every case that its suite plans is there, the
 * goldens are those of this package, and the other reports in its folder say what `result.json` says.
 */
export async function verifyRun({ path, result }: Pick<StoredRun, 'path' | 'result'>): Promise<Verification> {
  const shipped = await readShipped();
  const goldens = checkGoldens(result, shipped);
  const reports = await checkReports(dirname(path), result).catch(refuse);
  const steps = await checkSteps(dirname(path), result).catch(refuse);
  return {
    faults: [
      ...findContradictions(result),
      ...checkDate(result),
      ...checkHead(result),
      ...steps.faults,
      ...reports.faults,
    ],
    dropped: findDropped(result, shipped),
    otherGoldens: goldens.faults,
    unchecked: [...goldens.unchecked, ...findUnsupported(result), ...steps.unchecked, ...reports.unchecked],
    away: steps.away ?? 0,
  };
}

/**
 * A run may name what nobody can read, or has the right to: then it is not what it says. @throws what is not a file's
 * fault
 */
function refuse(error: unknown): Findings {
  const explained = error instanceof UserError ? error : explainSystem(error);
  if (!(explained instanceof UserError)) throw error;
  return { ...noFindings, faults: [explained.message] };
}

/**
 * Of a TIPC mode: the plan, the text file, what it stands on, what its steps left, and what they said of themselves.
 */
async function checkSteps(folder: string, result: Result): Promise<Findings> {
  const { tipc, tipcheckVersion, command } = result;
  if (tipc === undefined) return noFindings;
  const place = placeOf(folder, tipc, tipcheckVersion);
  const artefacts = tipc.steps.flatMap((step) => step.artefacts);
  const kinds = [
    [
      artefacts,
      {
        plural: 'files that the steps made',
        recorder: 'the step that made it recorded',
        mustBeThere: false,
        mayBeAside: true,
      },
    ],
    [
      (tipc.files ?? []).filter(({ path }) => !artefacts.some((one) => one.path === path)),
      { plural: 'files that it left', recorder: 'the run recorded', mustBeThere: true, mayBeAside: true },
    ],
  ] as const;
  const held = await Promise.all(kinds.map(([files, kind]) => checkHeldFiles(place, holdFiles(files), kind)));
  return joinFindings([
    { ...noFindings, faults: findOtherPlan(await readTextOrNull(folder, 'plan.json'), result, tipc) },
    await checkTextFile(place, tipc, command),
    ...held,
    await checkJudgedSteps(place, tipc, command),
    await checkFigures(place, tipc, command),
    await checkInputs(place, tipc, command),
    await findUnrecorded(folder, tipc),
  ]);
}

function holdFiles(files: readonly Artefact[]): HeldFiles {
  const held = new Map<string, Set<string>>();
  for (const { path, sha256 } of files) held.set(path, (held.get(path) ?? new Set()).add(sha256));
  return held;
}
