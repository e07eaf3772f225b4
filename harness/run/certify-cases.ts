import type { CertificateCell, CertificateColumn, CertifiedPart, HashedFile } from '../result/certificate.js';
import { type CaseResult, culpritOf } from '../result/record/case-result.js';
import type { BaselineFinding, Result } from '../result/record/result.js';
import type { Verdict } from '../result/record/verdict.js';
import { groupBy } from '../support/group.js';
import { describeCulprit } from './describe-culprit.js';
import { describeEngines } from './describe-engines.js';
import { isPortNamed, portBeforeMerge } from './port-before-merge.js';
import { joinVerdicts } from './summarise.js';

/** What this package knows of the goldens that runs were judged on. */
export interface KnownGoldens {
  /** The goldens of a suite, by `<model>/<mode>`; null: there is no such suite. */
  planned(suite: string): readonly { readonly id: string; readonly model: string }[] | null;
  /** By the id that its cases carry. */
  find(id: string): { readonly sha256: string; readonly weights: readonly HashedFile[] } | null;
}

/** The places that cases fill, each with all of its cases. */
export function caseCellsOf(result: Result, known: KnownGoldens): CertificateCell[] {
  const columnOf = (found: CaseResult): CertificateColumn => ({
    mode: modeOf(result, found, known),
    port: portBeforeMerge(found.port, result.command),
    device: found.engine?.device ?? 'unknown',
  });
  const groups = groupBy(result.cases, (found) => JSON.stringify([columnOf(found), found.model]));
  return groups.map((cases) => cellOf(result, cases, columnOf(cases[0]!), known));
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

/**
 * The suite of the run that a case belongs to: its mode ends with the phase's name, and it plans goldens of the case's
 * model. A case of another model (`test --also`) is what `judge` would have made of it.
 */
function modeOf(result: Result, { phase, model: wanted }: CaseResult, known: KnownGoldens): string {
  const suite = suitesOf(result).find(
    (name) => name.endsWith(phase) && (known.planned(name)?.some(({ model }) => model === wanted) ?? true),
  );
  return suite === undefined ? `judge ${phase}` : modeName(suite);
}

function suitesOf({ suite }: Result): readonly string[] {
  return suite?.split(', ') ?? [];
}

function modeName(suite: string): string {
  return suite.slice(suite.indexOf('/') + 1).replaceAll('-', '_');
}
