import type { EvaluationResult, ModeResult } from '../../result/record/case-result.js';
import { renderCount, renderDuration, renderScientific, renderShape } from '../../support/figures.js';
import { explainMode, renderShare } from '../explain-evaluation.js';
import { type Markup, markup } from '../markup.js';
import type { BundleView, CaseView } from './arrange.js';
import { renderConfusion } from './confusion.js';
import { renderKey } from './marks.js';

/**
 * One data set: each mode's mIoU beside the golden's, what changed, the classes, who is taken for whom, and pictures.
 */
export function renderEvaluation(bundle: BundleView): Markup {
  const { anchor, name, cases } = bundle;
  const evaluated = cases.flatMap((view) => view.found.evaluation ?? []);
  const { model, inputShape, goldens } = cases[0]!.found;
  const [first] = evaluated;
  return markup`<section class="bundle" aria-labelledby="${anchor}">
<h2 id="${anchor}">${name}</h2>
<p class="muted">${model}, ${first === undefined ? 'evaluation' : renderCount(first.images, 'image')}, ${renderShape(inputShape)} and alike; golden by ${goldens.madeBy}, <code class="hash">${goldens.caseSha256.slice(0, 12)}</code></p>
<ul class="cases">${cases.map(renderCase)}</ul>
${first === undefined ? null : markup`${renderModes(cases, first)}${renderClasses(cases, first)}${renderConfusions(cases)}${renderPictures(cases)}`}
</section>`;
}

function renderCase({ found, portIndex }: CaseView): Markup {
  const { port, verdict, reason, evaluation } = found;
  const parts = evaluation?.modes.map(explainMode) ?? [];
  return markup`<li>${renderKey(portIndex, 'accumulated')} <b>${port}</b> <span class="tag ${verdict}">${verdict}</span> ${[...(reason === null ? [] : [reason]), ...parts].join('; ')}.</li>\n`;
}

/** The columns of SegNeXt's published table, and then what was judged. */
function renderModes(cases: readonly CaseView[], { modes }: EvaluationResult): Markup {
  return markup`<h3>mIoU, in percent</h3>
${renderPublishedColumns(cases, modes)}
<h3>Each mode, beside the golden</h3>
<div class="wide" tabindex="0" role="region" aria-label="mIoU by mode"><table class="modes">
<thead><tr><th scope="col">mode<th scope="col">port<th scope="col" class="n">Paddle<th scope="col" class="n">mIoU<th scope="col" class="n">difference<th scope="col" class="n">90 % interval<th scope="col" class="n">pixels changed<th scope="col" class="n">unexplained<th scope="col" class="n">logit error<th scope="col" class="n">time
<tbody>${modes.flatMap((mode, at) => cases.map(({ found, portIndex }) => markup`<tr><th scope="row">${mode.name}<td>${renderKey(portIndex, 'accumulated')}${found.port}<td class="n">${renderShare(mode.expected.mIoU)}${renderMode(found.evaluation?.modes[at] ?? null)}\n`))}
</table></div>`;
}

/** As the published table has it: a row for each implementation, a column for each mode. */
function renderPublishedColumns(cases: readonly CaseView[], modes: readonly ModeResult[]): Markup {
  const shares = (found: readonly (ModeResult['actual'] | undefined)[]) =>
    found.map((metrics) => markup`<td class="n">${renderShare(metrics?.mIoU ?? null)}`);
  return markup`<div class="wide" tabindex="0" role="region" aria-label="mIoU by implementation"><table class="modes">
<thead><tr><th scope="col">implementation${modes.map(({ name }) => markup`<th scope="col" class="n">${name === 'single' ? 'mIoU' : `mIoU (${name})`}`)}
<tbody><tr><th scope="row">Paddle${shares(modes.map(({ expected }) => expected))}
${cases.map(({ found, portIndex }) => markup`<tr><th scope="row">${renderKey(portIndex, 'accumulated')}${found.port}${shares(modes.map((_, at) => found.evaluation?.modes[at]?.actual))}\n`)}
</table></div>`;
}

function renderMode(mode: ModeResult | null): Markup {
  if (mode === null) return markup`<td class="n" colspan="7">not run`;
  const { actual, expected, changed, pixels, unexplained, equivalence, maxLogitError, durationMs } = mode;
  const difference = actual.mIoU === null || expected.mIoU === null ? null : actual.mIoU - expected.mIoU;
  const interval = equivalence.interval?.map((end) => renderScientific(end)).join(' … ') ?? equivalence.verdict;
  return markup`<td class="n"><span class="${mode.verdict}">${renderShare(actual.mIoU)}</span><td class="n">${renderScientific(difference)}<td class="n">${interval}<td class="n">${changed} of ${pixels}<td class="n${unexplained > 0 ? ' bad' : ''}">${unexplained}<td class="n">${renderScientific(maxLogitError)}<td class="n">${renderDuration(durationMs)}`;
}

/** Of the first mode. An absent class has no bar. */
function renderClasses(cases: readonly CaseView[], { classNames, modes }: EvaluationResult): Markup {
  const [mode] = modes;
  if (mode === undefined) return markup``;
  return markup`<h3>IoU of each class, ${mode.name}</h3>
<p class="note">${mode.presentClasses} of ${classNames.length} classes are present. The reference counts an absent class as 100 in its mean.</p>
<div class="wide" tabindex="0" role="region" aria-label="IoU by class"><table class="classes">
<thead><tr><th scope="col">class<th scope="col" class="n">Paddle${cases.map(({ found, portIndex }) => markup`<th scope="col" class="n">${renderKey(portIndex, 'accumulated')}${found.port}`)}<th scope="col">IoU
<tbody>${classNames.map((name, at) => {
    const iou = mode.expected.classIou[at] ?? null;
    const bar = iou === null ? 'absent' : markup`<span class="bar" style="width:${(iou * 100).toFixed(1)}%"></span>`;
    return markup`<tr><th scope="row">${name}<td class="n">${renderShare(iou)}${cases.map(({ found }) => markup`<td class="n">${renderShare(found.evaluation?.modes[0]?.actual.classIou[at] ?? null)}`)}<td class="bars">${bar}\n`;
  })}
</table></div>`;
}

function renderConfusions(cases: readonly CaseView[]): Markup {
  const figures = cases.flatMap(({ found }) => {
    const [mode] = found.evaluation?.modes ?? [];
    if (mode === undefined) return [];
    const { classNames } = found.evaluation!;
    return [
      markup`<figure><figcaption>${found.port}, ${mode.name}: rows are labels, columns predictions, shares of each row; blue: right, red: taken for another</figcaption>${renderConfusion(mode.actual.confusion, classNames)}</figure>`,
    ];
  });
  return markup`<h3>What is taken for what</h3><div class="confusions">${figures}</div>`;
}

const kinds: readonly (readonly [PictureKind, string])[] = [
  ['input', 'image'],
  ['truth', 'ground truth'],
  ['expected', 'Paddle'],
  ['actual', 'port'],
  ['difference', 'where they differ'],
];

type PictureKind = 'input' | 'truth' | 'expected' | 'actual' | 'difference';

/** Each enlarges when it is clicked; without a script, by a hidden check box. */
function renderPictures(cases: readonly CaseView[]): Markup {
  const rows = cases.flatMap(({ found }) =>
    (found.evaluation?.pictures ?? []).map(
      (
        shown,
      ) => markup`<h4>${shown.image} <span class="muted">${found.port}, ${shown.mode}, ${renderCount(shown.changed, 'pixel')} changed</span></h4>
<div class="pictures">${kinds.map(([kind, title]) => markup`<label class="picture"><input type="checkbox" aria-label="enlarge: ${title} of ${shown.image}"><img src="${shown[kind]}" alt="${title} of ${shown.image}"><span>${kind === 'actual' ? found.port : title}</span></label>`)}</div>`,
    ),
  );
  return rows.length === 0
    ? markup``
    : markup`<h3>Pictures</h3><p class="note">Click one to enlarge it. A pixel that differs is white, in an orange square.</p>${renderColours(cases)}${rows}`;
}

/** The colours of the classes that a label or a prediction of some pixel is. */
function renderColours(cases: readonly CaseView[]): Markup {
  const evaluated = cases.flatMap(({ found }) => found.evaluation ?? []);
  const [shown] = evaluated.flatMap(({ pictures }) => pictures);
  const seen = (at: number) =>
    evaluated.some(({ modes }) =>
      modes.some(({ actual, expected }) => [actual, expected].some((one) => counts(one, at))),
    );
  const entries = evaluated[0]!.classNames.flatMap((name, at) =>
    seen(at) ? [{ name, colour: shown!.colours[at]! }] : [],
  );
  const all = [...entries, { name: 'ignored', colour: '#000000' }];
  return markup`<ul class="colours">${all.map(({ name, colour }) => markup`<li><span class="swatch" style="background:${colour}"></span>${name}`)}</ul>`;
}

function counts({ confusion }: ModeResult['actual'], at: number): boolean {
  return confusion.some((row, label) => (label === at ? row.some((count) => count > 0) : row[at]! > 0));
}
