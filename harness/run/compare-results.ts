import type { Comparison } from '../support/comparison.js';
import { UserError } from '../support/errors.js';
import { renderCount, renderTimes } from '../support/figures.js';
import { renderTable } from '../support/table.js';
import { type CaseComparison, type ComparedFigure, compareRuns, type RunTolerances } from './compare-runs.js';
import { cpuClass } from './judge-baseline.js';
import { readSoundRun } from './read-run.js';

/** How many figures of a case, and how many sentences, are shown; --json has all. */
const shown = 10;

/** Two stored runs: verdicts, multiples of the noise and mIoUs. */
export async function compareResults(
  actualRun: string,
  expectedRun: string,
  tolerances: RunTolerances,
): Promise<Comparison> {
  const [{ result: actual }, { result: expected }] = [
    await readSoundRun(actualRun, 'compare'),
    await readSoundRun(expectedRun, 'compare'),
  ];
  const found = compareRuns(actual, expected, tolerances);
  if (found.compared === 0)
    throw new UserError(
      `Cannot compare ${actualRun} with ${expectedRun}: they have no figure in common; two runs of the same bundles are wanted${found.differences.length === 0 ? '' : ` (${found.differences[0]})`}`,
    );
  const agrees = found.differences.length === 0;
  const cpus = [actual, expected].map(({ machine }) => cpuClass(machine));
  const notes = cpus[0] === cpus[1] ? [] : [`note: they ran on other CPUs: ${cpus.join('; ')}`];
  const apart = found.cases.reduce((sum, one) => sum + one.apart.length, 0);
  const summary = agrees
    ? `${renderCount(found.compared, 'figure')} of ${renderCount(found.cases.length, 'case')} agree`
    : `${apart} of ${renderCount(found.compared, 'figure')} are further apart than ${tolerances.factor} ×; ${renderCount(found.differences.length, 'difference')}`;
  return {
    verdict: agrees ? 'agree' : 'differ',
    text: [
      ...found.cases.map(renderCase),
      ...(found.differences.length === 0
        ? []
        : [...found.differences.slice(0, shown).map((text) => `✕ ${text}`), ...more(found.differences.length)]),
      ...notes,
      `${agrees ? 'pass' : 'fail'}  ${summary}\n`,
    ].join('\n'),
    json: { kind: 'runs', actual: actual.runId, expected: expected.runId, ...tolerances, ...found },
  };
}

function renderCase({ actual, expected, compared, apart, close }: CaseComparison): string {
  const title = actual === expected ? actual : `${actual} against ${expected}`;
  const rows = [...apart, ...close]
    .slice(0, 3)
    .map((figure) => [
      figure.agrees ? ' ' : '✕',
      figure.name,
      show(figure, figure.actual),
      show(figure, figure.expected),
    ]);
  return `${title}: ${renderCount(compared, 'figure')}, ${apart.length} too far apart; furthest apart:\n${renderTable(rows, [2, 3]).replace(/^/gm, '  ')}`;
}

function show({ unit }: ComparedFigure, value: number | null): string {
  if (unit === '×') return renderTimes(value);
  return value === null ? '–' : value.toFixed(6);
}

function more(count: number): string[] {
  return count > shown ? [`… and ${count - shown} more: --json has all`] : [];
}
