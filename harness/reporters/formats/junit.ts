import {
  type CaseResult,
  culpritOf,
  inPrecision,
  isWithin,
  type Measurement,
} from '../../result/record/case-result.js';
import type { Result } from '../../result/record/result.js';
import type { StepResult, TipcRun } from '../../result/record/tipc-run.js';
import { renderCount } from '../../support/figures.js';
import { explainFault } from '../explain.js';
import { explainExcuse } from '../explain-waivers.js';
import { type Markup, markup } from '../markup.js';
import type { Reporter } from '../reporter.js';
import { kindOf } from '../summarise-case.js';

/**
 * JUnit's XML as CI systems read it: a suite per port and bundle, a test per probe. The last suite is the run's own
 * verdict, so that a run which is not green for another reason (a part that did not run, nothing compared) is not green
 * here either.
 */
export function renderJunit(result: Result): string {
  const suites = [
    ...result.cases.map(caseSuite),
    ...stepSuites(result.tipc),
    ...waiverSuites(result),
    runSuite(result),
  ];
  const tests = suites.reduce((sum, suite) => sum + suite.tests.length, 0);
  const failures = sumOf(suites, 'failure');
  const errors = sumOf(suites, 'error');
  return markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="tipcheck ${result.runId}" tests="${tests}" failures="${failures}" errors="${errors}" time="${seconds(result.durationMs)}">
${suites.map((suite) => renderSuite(suite, result.startedAt))}</testsuites>
`.source;
}

export const reporter: Reporter = { since: '0.1.0', fileName: 'junit.xml', render: renderJunit };

interface Suite {
  readonly name: string;
  readonly durationMs: number;
  readonly tests: readonly Test[];
}

interface Test {
  readonly className: string;
  readonly name: string;
  readonly outcome: 'passed' | 'failure' | 'error' | 'skipped';
  readonly message: string | null;
}

function caseSuite(found: CaseResult): Suite {
  const className = `${found.port}.${found.bundle}`;
  const { startMs, loadMs, plainMs, ownMs, shippedMs } = found.timing;
  const durationMs = startMs + loadMs + plainMs + (ownMs ?? 0) + (shippedMs ?? 0);
  const name = `${found.id}${inPrecision(found.goldens)}`;
  let root: string | null = null;
  const tests = found.measurements.map((measurement) => {
    if (isRoot(measurement)) root = measurement.name;
    return probeTest(className, measurement, found, root);
  });
  if (found.verdict === 'pass' || tests.some(({ outcome }) => outcome === 'failure')) {
    return { name, durationMs, tests };
  }
  if (found.verdict === 'waived' && tests.length > 0) return { name, durationMs, tests };
  const outcome = found.verdict === 'error' ? 'error' : found.verdict === 'fail' ? 'failure' : 'skipped';
  const reason = found.reason ?? found.verdict;
  const message = found.waived === undefined ? reason : `${explainExcuse('', found.waived)}; it fails: ${reason}`;
  return { name, durationMs, tests: [{ className, name: 'the case', outcome, message }, ...tests] };
}

/** Something is wrong with it that later layers inherit. */
function isRoot(measurement: Measurement): boolean {
  return ['faulty', 'missing', 'suspect', 'waived'].includes(kindOf(measurement));
}

/**
 * Its own error passes: all that is wrong with it is what came in. What only the graph without probes has does not
 * count.
 */
function isHeir(measurement: Measurement): boolean {
  return kindOf(measurement) === 'inherits' && !isWithin(measurement);
}

/** @param root the nearest layer before it, or itself, at which something is wrong; null where there is none */
function probeTest(className: string, measurement: Measurement, found: CaseResult, root: string | null): Test {
  const { name, reason } = measurement;
  const kind = kindOf(measurement);
  if (kind === 'agrees') return { className, name, outcome: 'passed', message: null };
  if (kind === 'uninformative') return { className, name, outcome: 'skipped', message: 'not informative' };
  if (measurement.waived !== undefined)
    return {
      className,
      name,
      outcome: 'skipped',
      message: `${explainExcuse('', measurement.waived)}; it fails: ${reason}`,
    };
  if (root !== null && isHeir(measurement))
    return { className, name, outcome: 'skipped', message: `inherits from ${root}` };
  const title = name === culpritOf(found) ? `${explainFault(found)?.title ?? 'first fault'}; ` : '';
  const what =
    measurement.own?.verdict === 'fail' ? `on its own, ${measurement.own.reason ?? 'it fails'}` : (reason ?? kind);
  return { className, name, outcome: 'failure', message: `${title}${kind}: ${what}` };
}

/** A suite per port, a test per step of a TIPC mode. */
function stepSuites(tipc: TipcRun | undefined): Suite[] {
  if (tipc === undefined) return [];
  const { model, mode, steps } = tipc;
  return [...new Set(steps.map(({ port }) => port))].map((port) => {
    const own = steps.filter((step) => step.port === port);
    return {
      name: `${port}/${model}/${mode}`,
      durationMs: own.reduce((sum, { durationMs }) => sum + durationMs, 0),
      tests: own.map((step) => stepTest(`${port}.${model}.${mode}`, step)),
    };
  });
}

function stepTest(className: string, { id, verdict, reason }: StepResult): Test {
  const outcome = ({ pass: 'passed', fail: 'failure', error: 'error', 'not-run': 'skipped' } as const)[verdict];
  return { className, name: id, outcome, message: reason };
}

function runSuite({ verdict, summary }: Result): Suite {
  const outcome = outcomesOfRun[verdict];
  return {
    name: 'the run',
    durationMs: 0,
    tests: [{ className: 'tipcheck', name: 'the run as a whole', outcome, message: summary }],
  };
}

const outcomesOfRun: Readonly<Record<Result['verdict'], Test['outcome']>> = {
  pass: 'passed',
  waived: 'skipped',
  fail: 'failure',
  error: 'error',
  'not-run': 'failure',
};

/** A waiver that expired or is stale fails; one that could not be looked at is skipped. */
function waiverSuites({ waivers = [] }: Result): Suite[] {
  const tests = waivers.map(({ port, bundle, probe, state, matched, note }): Test => {
    const outcome = state === 'stale' || state === 'expired' ? 'failure' : 'skipped';
    const message = note ?? `${renderCount(matched, 'failure')} waived`;
    return { className: 'waivers', name: [port, bundle, probe ?? 'crash'].join(' '), outcome, message };
  });
  return tests.length === 0 ? [] : [{ name: 'waivers', durationMs: 0, tests }];
}

function renderSuite({ name, durationMs, tests }: Suite, startedAt: string): Markup {
  const count = (outcome: Test['outcome']) => tests.filter((test) => test.outcome === outcome).length;
  return markup`  <testsuite name="${name}" tests="${tests.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" time="${seconds(durationMs)}" timestamp="${startedAt.slice(0, 19)}">
${tests.map(renderTest)}  </testsuite>
`;
}

function renderTest({ className, name, outcome, message }: Test): Markup {
  // A probe has no time of its own; readers want the attribute.
  const start = markup`    <testcase classname="${className}" name="${name}" time="0"`;
  if (outcome === 'passed') return markup`${start}/>\n`;
  const text = message ?? outcome;
  const body = {
    failure: markup`<failure type="disagreement" message="${text}">${text}</failure>`,
    error: markup`<error type="not-run" message="${text}">${text}</error>`,
    skipped: markup`<skipped message="${text}"/>`,
  }[outcome];
  return markup`${start}>${body}</testcase>\n`;
}

function sumOf(suites: readonly Suite[], outcome: Test['outcome']): number {
  return suites.reduce((sum, { tests }) => sum + tests.filter((test) => test.outcome === outcome).length, 0);
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
