import type { CaseResult, GoldenSource } from '../result/record/case-result.js';
import type { BaselineResult, Machine, Result, WaiverUse } from '../result/record/result.js';
import { UserError } from '../support/errors.js';
import { uniqueOf } from '../support/group.js';
import { verdictOfFindings } from './judge-baseline.js';
import { labelsOf } from './port-before-merge.js';
import { joinWaivers } from './review-waivers.js';
import { joinVerdicts, summariseRun } from './summarise.js';

export interface LabelledResult {
  /** Short and of this run alone: the name of its folder. */
  readonly label: string;
  readonly result: Result;
}

/**
 * Joins the runs of a CI matrix into one result. A case that several runs have keeps all its verdicts: its port is then
 * called `<port>@<label>`. The whole fails if one of them does.
 * @throws UserError for runs of several versions, whose figures do not belong into one table
 */
export function mergeResults(runs: readonly LabelledResult[]): Result {
  const results = runs.map(({ result }) => result);
  validateGoldens(runs);
  const all = results.flatMap(({ cases }) => cases.map(({ id }) => id));
  const shared = new Set(all.filter((id, at) => all.indexOf(id) !== at));
  const cases = runs.flatMap(({ label, result }) =>
    result.cases.map((found) => (shared.has(found.id) ? relabel(found, label) : found)),
  );
  const joined = joinFrames(runs, cases);
  const baseline = joinBaselines(results.flatMap((result) => result.baseline ?? []));
  if (baseline === null) return joined;
  return { ...joined, baseline, verdict: joinVerdicts([joined.verdict, baseline.verdict]) };
}

/** Two runs that were judged on one golden must have the same one. Else their figures do not belong into one table. */
function validateGoldens(runs: readonly LabelledResult[]): void {
  const known = new Map<string, { readonly label: string; readonly goldens: GoldenSource }>();
  for (const { label, result } of runs)
    for (const { bundle, goldens } of result.cases) {
      const first = known.get(bundle) ?? { label, goldens };
      known.set(bundle, first);
      const [ours, theirs] = [first.goldens.precision ?? 'float32', goldens.precision ?? 'float32'];
      if (ours !== theirs)
        throw new UserError(
          `Cannot merge ${first.label} and ${label}: ${bundle} was judged by the noise of ${ours} and of ${theirs}; one of them is wanted`,
        );
      if (first.goldens.caseSha256 === goldens.caseSha256) continue;
      throw new UserError(
        `Cannot merge ${first.label} and ${label}: they were judged on different goldens of the name ${bundle} (sha256 ${first.goldens.caseSha256.slice(0, 12)}; ${goldens.caseSha256.slice(0, 12)}); the same inputs are wanted`,
      );
    }
}

/**
 * One result of several runs, with these cases.
 * @throws UserError for runs of several versions
 */
export function joinFrames(runs: readonly LabelledResult[], cases: readonly CaseResult[]): Result {
  const results = runs.map(({ result }) => result);
  const versions = uniqueOf(results.map(({ tipcheckVersion }) => tipcheckVersion));
  if (versions.length !== 1)
    throw new UserError(
      `Cannot merge ${runs.length} runs: they are of tipcheck ${versions.join(' and ') || 'none'}; one version is wanted`,
    );
  const suites = uniqueOf(results.flatMap(({ suite }) => suite?.split(', ') ?? []));
  const startedAt = new Date(Math.min(...results.map((result) => Date.parse(result.startedAt))));
  const joined = summariseRun(cases, {
    runId: `merged-${uniqueOf(results.map(({ runId }) => runId)).join('+')}`,
    startedAt,
    command: ['merge', ...uniqueOf(runs.flatMap(({ label, result }) => [label, ...labelsOf(result.command)]))],
    suite: suites.length === 0 ? null : suites.join(', '),
    partial: results.some(({ partial }) => partial),
    ...joinedWaivers(results),
  });
  return {
    ...joined,
    tipcheckVersion: versions[0]!,
    limits: sameOf(runs, 'limits'),
    goldens: sameOf(runs, 'goldens'),
    durationMs: results.reduce((total, { durationMs }) => total + durationMs, 0),
    machine: joinMachines(results.map(({ machine }) => machine)),
  };
}

function sameOf(runs: readonly LabelledResult[], key: 'limits' | 'goldens'): string {
  const ids = uniqueOf(runs.map(({ result }) => result[key]));
  if (ids.length === 1) return ids[0]!;
  throw new UserError(
    `Cannot merge ${runs.length} runs: they are of ${ids.join(' and ')}; one set of ${key} is wanted`,
  );
}

function joinedWaivers(results: readonly Result[]): { waivers?: readonly WaiverUse[] } {
  const given = results.flatMap(({ waivers }) => (waivers === undefined ? [] : [waivers]));
  return given.length === 0 ? {} : { waivers: joinWaivers(given) };
}

/** What was found beside the baselines of several runs; the largest factor is what all of them kept to. */
function joinBaselines(baselines: readonly BaselineResult[]): BaselineResult | null {
  const [first] = baselines;
  if (first === undefined) return null;
  const findings = baselines.flatMap((one) => one.findings);
  const widest = baselines.reduce((a, b) => (b.factor > a.factor ? b : a));
  return {
    ...widest,
    runId: uniqueOf(baselines.map(({ runId }) => runId)).join('+'),
    startedAt: baselines.map(({ startedAt }) => startedAt).sort()[0]!,
    verdict: verdictOfFindings(findings),
    compared: baselines.reduce((sum, { compared }) => sum + compared, 0),
    findings,
  };
}

function relabel(found: CaseResult, label: string): CaseResult {
  const port = `${found.port}@${label}`;
  return { ...found, port, id: `${port}/${found.bundle}` };
}

/** The largest figures. The runs' own results say which machine ran what. */
function joinMachines(machines: readonly Machine[]): Machine {
  const join = (key: 'platform' | 'cpu' | 'node') => uniqueOf(machines.map((machine) => machine[key])).join('; ');
  return {
    platform: join('platform'),
    cpu: join('cpu'),
    cores: Math.max(...machines.map(({ cores }) => cores)),
    memoryGb: Math.max(...machines.map(({ memoryGb }) => memoryGb)),
    node: join('node'),
  };
}
