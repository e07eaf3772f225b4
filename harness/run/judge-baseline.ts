import type { CaseResult } from '../result/record/case-result.js';
import type { BaselineFinding, BaselineResult, Machine, Result } from '../result/record/result.js';
import { cannot } from '../support/errors.js';
import { isLargest, type NoiseFigure, type NoiseMultiple, noiseMultiples } from './noise-multiples.js';

/** By how much a multiple of the noise may grow, and what counts as nothing. */
export interface BaselineLimits {
  readonly factor: number;
  readonly because: string;
}

export const defaultFactor: BaselineLimits = {
  factor: 2,
  because:
    'between ONNX Runtime, TensorFlow and TensorFlow.js on WASM, which share no kernel, 12 of 16,018 pairs of figures on the shipped bundles differ by more than twice above the floor: that is more than another order of sums explains',
};

/**
 * A multiple counts as at least this. At 1 × a port rounds as much as the reference does, so below 1 × no port is worse
 * than another. It is 2 × for single elements, since the contract's two limits are as 1 to 2.
 */
export const noiseFloor = { rms: 1, largest: 2 } as const;

/**
 * Compares a run with an earlier one. A multiple of the noise that grew by more than the factor fails, however far
 * below its limit it is. So does a probe that is no longer there. If a case ran on another class of CPU, by another
 * engine or against another golden, its figures cannot be compared: it is inconclusive, `not-run`.
 * @param isAsked whether the run was asked for a case; one that was not is left out
 * @throws UserError for a run or a baseline of only some of the probes, and where nothing could be compared
 */
export function judgeBaseline(
  actual: Result,
  baseline: Result,
  limits: BaselineLimits = defaultFactor,
  isAsked: (found: CaseResult) => boolean = () => true,
): BaselineResult {
  if (actual.partial)
    throw cannot(
      'hold',
      againstIt(baseline),
      'only some of the probes were asked for',
      'a whole run is wanted',
      'leave out --only',
    );
  refuseUseless(baseline, isAsked);
  const byId = new Map(actual.cases.map((found) => [found.id, found]));
  const expected = baseline.cases.filter(isAsked);
  const otherCpu = describeOther('the CPU', cpuClass(actual.machine), cpuClass(baseline.machine));
  const judged = expected.map((before) => judgeCase(byId.get(before.id), before, otherCpu, limits));
  const findings = judged.flatMap((one) => one.findings).sort((a, b) => severity(b) - severity(a));
  const compared = judged.reduce((sum, one) => sum + one.compared, 0);
  if (compared === 0 && findings.length === 0)
    throw cannot(
      'hold',
      againstIt(baseline),
      'its cases hold no multiple of the noise',
      'a run that was judged on goldens is wanted',
    );
  return {
    runId: baseline.runId,
    startedAt: baseline.startedAt,
    ...limits,
    floor: noiseFloor,
    verdict: verdictOfFindings(findings),
    compared,
    findings,
  };
}

/** Throws a UserError for a baseline that nothing can be compared with. This is known before anything runs. */
export function refuseUseless(baseline: Result, isAsked: (found: CaseResult) => boolean): void {
  if (baseline.partial)
    throw cannot('hold', againstIt(baseline), 'it holds only some of the probes (--only)', 'a whole run is wanted');
  if (baseline.cases.some(isAsked)) return;
  const ids = baseline.cases.map(({ id }) => id);
  const shown = ids.length > 3 ? `${ids.slice(0, 3).join(', ')}, …` : ids.join(', ') || 'nothing';
  throw cannot(
    'hold',
    againstIt(baseline),
    `it ran ${shown}, and none of what is asked for`,
    'a run of the same ports and bundles is wanted',
  );
}

/** Figures that became worse or vanished fail; figures that could not be compared are `not-run`. */
export function verdictOfFindings(findings: readonly BaselineFinding[]): BaselineResult['verdict'] {
  if (findings.some(({ what }) => what !== 'inconclusive')) return 'fail';
  return findings.length > 0 ? 'not-run' : 'pass';
}

/** The model's name without clock rates and trademarks, which do not change its arithmetic. */
export function cpuClass({ platform, cpu }: Pick<Machine, 'platform' | 'cpu'>): string {
  const name = cpu
    .replaceAll(/\((?:R|TM)\)/gi, ' ')
    .replaceAll(/@\s*[\d.]+\s*GHz/gi, ' ')
    .replaceAll(/\bCPU\b/g, ' ');
  return `${name.replaceAll(/\s+/g, ' ').trim()}, ${platform}`;
}

interface JudgedCase {
  readonly compared: number;
  readonly findings: readonly BaselineFinding[];
}

function judgeCase(
  actual: CaseResult | undefined,
  baseline: CaseResult,
  otherCpu: string | null,
  limits: BaselineLimits,
): JudgedCase {
  const of = (finding: Partial<BaselineFinding> & Pick<BaselineFinding, 'what' | 'reason'>): BaselineFinding => ({
    case: baseline.id,
    probe: null,
    figure: null,
    actual: null,
    expected: null,
    ...finding,
  });
  if (actual === undefined)
    return { compared: 0, findings: [of({ what: 'vanished', reason: 'the case is no longer there' })] };
  const present = new Set(actual.measurements.filter(({ verdict }) => verdict !== 'missing').map(({ name }) => name));
  const vanished = baseline.measurements
    .filter(({ name, verdict }) => verdict !== 'missing' && !present.has(name))
    .map(({ name }) => of({ what: 'vanished', probe: name, reason: 'the probe is no longer there' }));
  // A port that did not run says why in its own verdict; its probes vanish with it.
  if (actual.measurements.length === 0)
    return {
      compared: 0,
      findings: [of({ what: 'vanished', reason: `its probes are not there: ${actual.reason ?? actual.verdict}` })],
    };
  const other = findOther(actual, baseline, otherCpu);
  if (other !== null) return { compared: 0, findings: [...vanished, of({ what: 'inconclusive', reason: other })] };
  const [ours, theirs] = [noiseMultiples(actual), noiseMultiples(baseline)];
  const { compared, worse } = compareMultiples(ours, theirs, limits);
  const lost = findLost(ours, theirs).filter(({ probe }) => present.has(probe));
  const untried = findUntried(actual, baseline).map((reason) => of({ what: 'vanished', reason }));
  return { compared, findings: [...vanished, ...untried, ...lost.map(of), ...worse.map(of)] };
}

/** Free sizes of a file that were right, and that were not tried again. One that fails speaks for itself. */
function findUntried({ sizes = [] }: CaseResult, baseline: CaseResult): string[] {
  return (baseline.sizes ?? []).flatMap(({ what, verdict }) => {
    const now = sizes.find((one) => one.what === what)?.verdict ?? 'not-tried';
    return verdict === 'pass' && now === 'not-tried'
      ? [`the ${what === 'batch' ? 'batch of two' : 'larger image'} is no longer tried`]
      : [];
  });
}

/**
 * Figures that the baseline has and the run no longer has, of probes that are still there: an own error that is no
 * longer measured.
 */
function findLost(actual: readonly NoiseMultiple[], baseline: readonly NoiseMultiple[]) {
  const keys = new Set(actual.map(keyOf));
  return baseline
    .filter((one) => one.multiple !== null && !keys.has(keyOf(one)))
    .map(({ probe, figure, multiple }) => ({
      what: 'vanished' as const,
      ...{ probe, figure, expected: multiple, reason: 'the figure is no longer there' },
    }));
}

function compareMultiples(
  actual: readonly NoiseMultiple[],
  baseline: readonly NoiseMultiple[],
  { factor }: BaselineLimits,
): {
  readonly compared: number;
  readonly worse: readonly (Partial<BaselineFinding> & { what: 'worse'; reason: string })[];
} {
  const before = new Map(baseline.map((one) => [keyOf(one), one.multiple]));
  let compared = 0;
  const worse = [];
  for (const one of actual) {
    const expected = before.get(keyOf(one));
    // What is new, and what had no figure then, cannot have become worse.
    if (expected === undefined || expected === null) continue;
    compared++;
    const allowed = factor * Math.max(expected, floorOf(one.figure));
    if (one.multiple !== null && one.multiple <= allowed) continue;
    const reason =
      one.multiple === null
        ? `it has no finite error any more; it was ${show(expected)} × the noise`
        : `${show(one.multiple)} × the noise; it was ${show(expected)} ×, and at most ${show(allowed)} × is wanted`;
    worse.push({
      what: 'worse' as const,
      probe: one.probe,
      figure: one.figure,
      actual: one.multiple,
      expected,
      reason,
    });
  }
  return { compared, worse };
}

export function floorOf(figure: NoiseFigure): number {
  return isLargest(figure) ? noiseFloor.largest : noiseFloor.rms;
}

/** Why the two cases cannot be compared, or null. */
function findOther(actual: CaseResult, baseline: CaseResult, otherCpu: string | null): string | null {
  if (baseline.measurements.length === 0) return `the baseline has no figures: ${baseline.reason ?? baseline.verdict}`;
  return (
    otherCpu ??
    describeOther('the engine', describeEngine(actual), describeEngine(baseline)) ??
    describeOther('the precision', actual.goldens.precision ?? 'float32', baseline.goldens.precision ?? 'float32') ??
    describeOther('the golden', actual.goldens.caseSha256.slice(0, 12), baseline.goldens.caseSha256.slice(0, 12))
  );
}

function describeEngine({ engine }: CaseResult): string {
  if (engine === null) return 'none';
  const { engine: name, version, device, provider, tf32, details } = engine;
  // On a GPU the details say which one; elsewhere they are paths and threads.
  const card =
    device === 'gpu'
      ? `, ${Object.entries(details)
          .filter(([key]) => key !== 'addon')
          .map((entry) => entry.join(' '))
          .join(', ')}`
      : '';
  return `${name} ${version} on ${device} by ${provider}, TF32 ${tf32}${card}`;
}

function describeOther(what: string, actual: string, baseline: string): string | null {
  return actual === baseline ? null : `${what} is another: ${actual}; that of the baseline is ${baseline}`;
}

function againstIt({ runId }: Result): string {
  return `a run against the baseline ${runId}`;
}

/** Vanished first, then the largest growth. */
function severity({ what, figure, actual, expected }: BaselineFinding): number {
  if (what === 'vanished') return Number.POSITIVE_INFINITY;
  if (what === 'inconclusive') return 0;
  if (actual === null) return Number.MAX_VALUE;
  return actual / Math.max(expected ?? 0, floorOf(figure as NoiseFigure));
}

function keyOf({ probe, figure }: NoiseMultiple): string {
  return `${figure} ${probe}`;
}

function show(multiple: number): string {
  return String(Number(multiple.toPrecision(3)));
}
