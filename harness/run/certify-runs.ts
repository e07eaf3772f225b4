import type {
  Certificate,
  CertificateCell,
  CertificateColumn,
  CertifiedInputs,
  CertifiedPart,
  CertifiedRun,
  HashedFile,
  RefusedRun,
} from '../result/certificate.js';
import {
  type BaselineFinding,
  type CaseResult,
  culpritOf,
  type Result,
  type RunInputs,
  reductionsOfStep,
  type StepResult,
  type TipcRun,
  type Verdict,
} from '../result/result.js';
import { groupBy } from '../support/group.js';
import { packageVersion } from '../support/package-root.js';
import { describeCulprit } from './describe-culprit.js';
import { isPortNamed, portBeforeMerge } from './port-before-merge.js';
import { joinVerdicts } from './summarise.js';
import { type RowTitles, titleRows } from './title-rows.js';

export interface RunToCertify {
  readonly result: Result;
  /** Where its report lies, from the certificate. */
  readonly href: string;
  /**
   * What `verify` could not check, how many of its files were away, and which goldens have changed since. Absent:
   * nothing was checked.
   */
  readonly unchecked?: readonly string[];
  readonly away?: number;
  readonly otherGoldens?: readonly string[];
}

/** What this package knows of the goldens that runs were judged on. */
export interface KnownGoldens {
  /** The goldens of a suite, by `<model>/<mode>`; null: there is no such suite. */
  planned(suite: string): readonly { readonly id: string; readonly model: string }[] | null;
  /** By the id that its cases carry. */
  find(id: string): { readonly sha256: string; readonly weights: readonly HashedFile[] } | null;
}

/**
 * Stored runs as a table. Of each place the newest run counts; the others are named, and so are those that were
 * refused.
 */
export function certifyRuns(
  runs: readonly RunToCertify[],
  refused: readonly RefusedRun[],
  known: KnownGoldens,
  madeAt = new Date(),
): Certificate {
  const newest = [...runs].sort((a, b) => (a.result.startedAt < b.result.startedAt ? 1 : -1));
  const places = new Map<string, CertificateCell[]>();
  const titles = titleRows(newest.map(({ result }) => result));
  for (const cell of newest.flatMap((run) => cellsOf(run.result, known, titles).map((cell) => withLook(cell, run))))
    places.set(placeOf(cell), [...(places.get(placeOf(cell)) ?? []), cell]);
  const latest = [...places.values()].map(([cell, ...older]) => ({
    ...cell!,
    older: older.map(({ runId, verdict }) => ({ runId, verdict })),
  }));
  const order = newest.map(({ result }) => result.runId);
  const cells = latest.map((cell) => countUnstarted(cell, latest, order));
  const columns = uniqueBy(
    cells.map(({ mode, port, device }) => ({ mode, port, device })),
    keyOfColumn,
  );
  return {
    format: 'tipcheck-certificate/1',
    madeAt: madeAt.toISOString(),
    tipcheckVersion: packageVersion,
    models: [...new Set(cells.map(({ model }) => model))].sort(),
    columns: columns.sort((a, b) => (rankOf(a) < rankOf(b) ? -1 : 1)),
    cells: cells.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1)),
    runs: newest.map(describeRun),
    refused,
  };
}

/**
 * A run that never started an engine names no device. So it counts against each device of its model, mode and port that
 * has no newer run: an older green there would hide it.
 * @param order ids of runs, the newest first
 */
function countUnstarted(
  cell: CertificateCell,
  latest: readonly CertificateCell[],
  order: readonly string[],
): CertificateCell {
  if (cell.device === 'unknown') return cell;
  const column = keyOfColumn({ ...cell, device: 'unknown' });
  const unstarted = latest.find((other) => other.model === cell.model && keyOfColumn(other) === column);
  if (unstarted === undefined || order.indexOf(unstarted.runId) > order.indexOf(cell.runId)) return cell;
  const where = unstarted.runId === cell.runId ? 'in the same run' : `in the newer run ${unstarted.runId}`;
  const reasons = unstarted.reasons.map((reason) => `${where}, on a device that is not known, ${reason}`);
  return { ...cell, verdict: joinVerdicts([cell.verdict, unstarted.verdict]), reasons: [...cell.reasons, ...reasons] };
}

/** The places that a run fills, each with all of its cases, or all steps of a TIPC mode. */
function cellsOf(result: Result, known: KnownGoldens, titles: RowTitles): CertificateCell[] {
  const { tipc } = result;
  if (tipc !== undefined) return stepCellsOf(result, tipc, titles(tipc));
  const columnOf = (found: CaseResult): CertificateColumn => ({
    mode: modeOf(result, found),
    port: portBeforeMerge(found.port, result.command),
    device: found.engine?.device ?? 'unknown',
  });
  const groups = groupBy(result.cases, (found) => JSON.stringify([columnOf(found), found.model]));
  return groups.map((cases) => cellOf(result, cases, columnOf(cases[0]!), known));
}

/** Rows of a text file that ask for a GPU are another place than those for a CPU, whether they ran or not. */
function stepCellsOf(result: Result, tipc: TipcRun, model: string): CertificateCell[] {
  const deviceOf = ({ engine, deviceAsked }: StepResult) => engine?.device ?? deviceAsked ?? 'unknown';
  const portOf = ({ port }: StepResult) => portBeforeMerge(port, result.command);
  const groups = groupBy(tipc.steps, (step) => JSON.stringify([step.mode, portOf(step), deviceOf(step)]));
  return groups.map((steps) => ({
    mode: steps[0]!.mode ?? tipc.mode,
    port: portOf(steps[0]!),
    device: deviceOf(steps[0]!),
    model,
    verdict: joinVerdicts(steps.map(({ verdict }) => verdict)),
    reasons: [
      ...new Set(
        steps.flatMap(({ id, verdict, reason }) => (verdict === 'pass' ? [] : [`${id}: ${reason ?? verdict}`])),
      ),
    ],
    deviations: [...new Set(steps.flatMap(reductionsOfStep))],
    runId: result.runId,
    parts: steps.map(stepPartOf),
    engines: describeEngines(steps),
    ...(tipc.inputs === null ? {} : { inputs: certifyInputs(tipc.inputs) }),
    older: [],
  }));
}

function certifyInputs({ configs, data }: RunInputs): CertifiedInputs {
  return {
    configs: configs.map(({ name, used }) => ({ name, sha256: used.sha256 })),
    data: data.map(({ name, images, sha256, standsInFor }) => ({ name, images, sha256, standsInFor })),
  };
}

/** What was seen of the run when the table was made. */
function withLook(
  cell: CertificateCell,
  { unchecked = [], away = 0, otherGoldens = [] }: RunToCertify,
): CertificateCell {
  return {
    ...cell,
    ...(unchecked.length === 0 ? {} : { unchecked }),
    ...(away === 0 ? {} : { away }),
    ...(otherGoldens.length === 0 ? {} : { otherGoldens }),
  };
}

/** A step is held to checks and not to a golden; the weights are those that it made. */
function stepPartOf({ id, verdict, artefacts }: StepResult): CertifiedPart {
  const weights = artefacts.filter(({ path }) => /\.(?:pdparams|safetensors|onnx)$/.test(path));
  return {
    name: id,
    verdict,
    golden: null,
    weights: weights.map(({ path, sha256 }) => ({ name: baseName(path), sha256 })),
  };
}

function cellOf(
  result: Result,
  cases: readonly CaseResult[],
  column: CertificateColumn,
  known: KnownGoldens,
): CertificateCell {
  const model = cases[0]!.model;
  const unjudged = findUnjudged(result, cases, column, known);
  const faults = findRunFaults(result, cases);
  const missing = [
    ...unjudged,
    ...findUntold(result, cases),
    ...(result.partial ? ['only some of the probes were asked for (--only)'] : []),
  ];
  const verdicts: Verdict[] = [
    ...cases.map(({ verdict }) => verdict),
    ...(faults.length > 0 ? ['fail' as const] : []),
    ...(missing.length > 0 ? ['not-run' as const] : []),
  ];
  return {
    ...column,
    model,
    verdict: joinVerdicts(verdicts),
    reasons: [...cases.flatMap(reasonOf), ...faults, ...missing],
    deviations: [],
    runId: result.runId,
    parts: cases.map((found) => partOf(found, known)),
    engines: describeEngines(cases),
    older: [],
  };
}

function reasonOf(found: CaseResult): string[] {
  const { id, verdict, reason, measurements } = found;
  const culprit = culpritOf(found);
  if (verdict === 'pass') return [];
  if (verdict === 'waived')
    return [`${id}: ${measurements.filter((one) => one.waived !== undefined).length} known failures are waived`];
  return [`${id}: ${culprit === null ? (reason ?? verdict) : describeCulprit(found, culprit)}`];
}

/** Goldens of the suite that are of this model and that this port was not judged on. */
function findUnjudged(
  result: Result,
  cases: readonly CaseResult[],
  { mode }: CertificateColumn,
  known: KnownGoldens,
): string[] {
  const suite = suitesOf(result).find((name) => modeName(name) === mode);
  if (suite === undefined) return [];
  const planned = known.planned(suite);
  if (planned === null) return [`what the suite ${suite} plans is not known here, for there is none of this name`];
  const wanted = planned.filter(({ model }) => model === cases[0]!.model).map(({ id }) => id);
  const missing = wanted.filter((id) => !cases.some(({ bundle }) => bundle === id));
  return missing.length === 0
    ? []
    : [`${missing.length} of ${wanted.length} goldens were not judged: ${missing.join(', ')}`];
}

/**
 * What fails a run beside its cases: waivers that are stale or over, and figures that grew. A waiver that belongs to no
 * case of the run fails all of its places. Findings and waivers call a port as it was called before a merge.
 */
function findRunFaults(
  { waivers = [], baseline, command, cases: all }: Result,
  cases: readonly CaseResult[],
): string[] {
  const isOf = (found: CaseResult, port: string, bundle: string) =>
    found.bundle === bundle && isPortNamed(found.port, port, command);
  const idle = waivers.filter(
    ({ state, port, bundle }) =>
      (state === 'stale' || state === 'expired') &&
      (cases.some((found) => isOf(found, port, bundle)) || !all.some((found) => isOf(found, port, bundle))),
  );
  const worse = findingsOf({ baseline, command }, cases).filter(({ what }) => what !== 'inconclusive');
  return [
    ...idle.flatMap(({ note }) => note ?? []),
    ...worse.map(({ case: id, probe, reason }) => `${id}: ${probe === null ? '' : `${probe}: `}${reason}`),
  ];
}

/** What was to be compared with a baseline, and could not be. */
function findUntold(result: Result, cases: readonly CaseResult[]): string[] {
  const untold = findingsOf(result, cases).filter(({ what }) => what === 'inconclusive');
  return untold.map(({ case: id, reason }) => `${id}: beside its baseline it is inconclusive: ${reason}`);
}

function findingsOf(
  { baseline, command }: { readonly baseline?: Result['baseline'] | undefined; readonly command: readonly string[] },
  cases: readonly CaseResult[],
): readonly BaselineFinding[] {
  const ids = new Set(cases.flatMap(({ id, port, bundle }) => [id, `${portBeforeMerge(port, command)}/${bundle}`]));
  return (baseline?.findings ?? []).filter((finding) => ids.has(finding.case));
}

function partOf({ id, verdict, bundle, goldens }: CaseResult, known: KnownGoldens): CertifiedPart {
  const found = known.find(bundle);
  // The weights of another version's goldens are not known.
  const weights = found !== null && found.sha256 === goldens.caseSha256 ? found.weights : [];
  return { name: id, verdict, golden: { name: bundle, sha256: goldens.caseSha256 }, weights };
}

/** The suite of the run that a case belongs to: its mode ends with the phase's name. */
function modeOf(result: Result, { phase }: CaseResult): string {
  const suite = suitesOf(result).find((name) => name.endsWith(phase));
  return suite === undefined ? `judge ${phase}` : modeName(suite);
}

function suitesOf({ suite }: Result): readonly string[] {
  return suite?.split(', ') ?? [];
}

function modeName(suite: string): string {
  return suite.slice(suite.indexOf('/') + 1).replaceAll('-', '_');
}

function describeRun({ result, href }: RunToCertify): CertifiedRun {
  const { runId, startedAt, tipcheckVersion, command, suite, verdict, machine } = result;
  return { runId, startedAt, tipcheckVersion, command, suite, verdict, machine, href };
}

function keyOfColumn({ mode, port, device }: CertificateColumn): string {
  return JSON.stringify([mode, port, device]);
}

/** What no suite planned comes last. */
function rankOf(column: CertificateColumn): string {
  return `${column.mode.startsWith('judge ') ? 1 : 0}${keyOfColumn(column)}`;
}

function placeOf(cell: CertificateCell): string {
  return JSON.stringify([cell.model, keyOfColumn(cell)]);
}

function describeEngines(parts: readonly Pick<CaseResult, 'engine'>[]): string[] {
  return [
    ...new Set(
      parts.flatMap(({ engine }) =>
        engine === null ? [] : [`${engine.engine} ${engine.version}, ${engine.provider}`],
      ),
    ),
  ];
}

/** The last two parts of a path: `best_model/model.pdparams`. */
function baseName(path: string): string {
  return path.split(/[\\/]/).slice(-2).join('/');
}

function uniqueBy<T>(values: readonly T[], keyOf: (value: T) => string): T[] {
  return [...new Map(values.map((value) => [keyOf(value), value])).values()];
}
