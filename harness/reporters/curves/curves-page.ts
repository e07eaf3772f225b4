import { renderScientific } from '../../support/figures.js';
import { readPackageText } from '../../support/package-root.js';
import { type Markup, markup, raw } from '../markup.js';
import { type LineChart, renderLineChart, renderLineKey } from './line-chart.js';
import type { CurvePoint, TrainingCurves } from './training-curves.js';

/**
 * Trainings over one another, by iteration: loss, learning rate, mIoU, and a table of what each came to, the first
 * being what the others are compared with. One page that needs nothing else: no network and no script.
 */
export function renderCurvesPage(trainings: readonly TrainingCurves[]): string {
  const names = trainings.map(({ name }) => name);
  const lastIteration = Math.max(
    ...trainings.flatMap(({ loss, mIoU }) => [loss.at(-1)?.[0] ?? 0, mIoU.at(-1)?.[0] ?? 0]),
  );
  const chart = (title: string, kind: CurveKind, fromZero: boolean, style: LineChart['style']) => {
    const series = trainings.map((training) => training[kind]);
    if (series.every((points) => points.length === 0))
      return markup`<h2>${title}</h2><p class="note">None of the logs has it.</p>`;
    return renderLineChart({ title, series, names, lastIteration, fromZero, style });
  };
  return markup`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${names.join(' · ')} · tipcheck curves</title>
<link rel="icon" href="data:,">
<style>${raw(readPackageText('harness/reporters/page/style.css'))}${raw(readPackageText('harness/reporters/curves/curves.css'))}</style>
<header>
<h1>${trainings.length === 1 ? names[0]! : `${trainings.length} trainings over one another`}</h1>
</header>
<main>
${renderTable(trainings)}
${chart('Loss', 'loss', true, 'noisy')}
${chart('Learning rate', 'lr', true, 'line')}
${chart('mIoU', 'mIoU', false, 'marked')}
${renderEvaluations(trainings)}
</main>
</html>
`.source;
}

type CurveKind = 'loss' | 'lr' | 'mIoU';

function renderTable(trainings: readonly TrainingCurves[]): Markup {
  const [first] = trainings;
  const compared = trainings.length > 1;
  return markup`<div class="wide" tabindex="0" role="region" aria-label="Trainings"><table class="trainings">
<thead><tr><th scope="col">training<th scope="col" class="n">last iteration<th scope="col" class="n">last loss<th scope="col" class="n">last mIoU<th scope="col" class="n">best mIoU${compared ? markup`<th scope="col" class="n">loss, mean |Δ|<th scope="col" class="n">mIoU, mean |Δ|` : null}
<tbody>${trainings.map((training, at) => markup`<tr><th scope="row">${renderLineKey(at)} ${training.name}${renderWeights(training)}${renderLasts(training)}${compared ? renderDistances(training, first!, at) : null}\n`)}
</table></div>
${compared ? markup`<p class="note">|Δ| is the distance to ${first!.name}, over the iterations that both logs have.</p>` : null}`;
}

/** That a training began from random weights must not be forgotten when its curves are compared. */
function renderWeights({ weights }: TrainingCurves): Markup | null {
  return weights === undefined || weights === null ? null : markup`<br><small>Weights: ${weights}</small>`;
}

function renderLasts({ loss, mIoU }: TrainingCurves): Markup {
  const [best] = mIoU.filter(([, value]) => Number.isFinite(value)).sort((a, b) => b[1] - a[1]);
  const iteration = loss.at(-1)?.[0] ?? mIoU.at(-1)?.[0] ?? 0;
  return markup`<td class="n">${iteration}<td class="n">${renderValue(loss.at(-1), 4)}<td class="n">${renderValue(mIoU.at(-1), 4)}<td class="n">${renderValue(best, 4)}${best === undefined ? null : ` at ${best[0]}`}`;
}

function renderDistances(training: TrainingCurves, first: TrainingCurves, at: number): Markup {
  if (at === 0) return markup`<td class="n">–<td class="n">–`;
  const distance = (kind: CurveKind) => {
    const mean = measureDistance(training[kind], first[kind]);
    return mean === null || Number.isFinite(mean) ? renderScientific(mean) : String(mean);
  };
  return markup`<td class="n">${distance('loss')}<td class="n">${distance('mIoU')}`;
}

/** Null where the two have no iteration in common; NaN or Infinity where one of them has it there. */
function measureDistance(actual: readonly CurvePoint[], expected: readonly CurvePoint[]): number | null {
  const byIteration = new Map(expected);
  const differences = actual.flatMap(([iteration, value]) => {
    const other = byIteration.get(iteration);
    return other === undefined ? [] : [Math.abs(value - other)];
  });
  if (differences.length === 0) return null;
  return differences.reduce((sum, difference) => sum + difference, 0) / differences.length;
}

/** What a reader of the page without a picture needs, and who wants the figures. */
function renderEvaluations(trainings: readonly TrainingCurves[]): Markup {
  const iterations = [...new Set(trainings.flatMap(({ mIoU }) => mIoU.map(([iteration]) => iteration)))];
  if (iterations.length === 0) return markup``;
  const maps = trainings.map(({ mIoU }) => new Map(mIoU));
  const rows = iterations
    .sort((a, b) => a - b)
    .map((iteration) => {
      const cells = maps.map((values) => {
        const value = values.get(iteration);
        return markup`<td class="n">${renderValue(value === undefined ? undefined : [iteration, value], 4)}`;
      });
      return markup`<tr><th scope="row" class="n">${iteration}${cells}\n`;
    });
  return markup`<details><summary>mIoU of every evaluation</summary><div class="wide" tabindex="0" role="region" aria-label="mIoU of every evaluation"><table>
<thead><tr><th scope="col" class="n">iteration${trainings.map(({ name }) => markup`<th scope="col" class="n">${name}`)}
<tbody>${rows}</table></div></details>`;
}

function renderValue(point: CurvePoint | undefined, digits: number): string {
  if (point === undefined) return '–';
  return Number.isFinite(point[1]) ? point[1].toFixed(digits) : String(point[1]);
}
