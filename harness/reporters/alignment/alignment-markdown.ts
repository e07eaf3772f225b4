import { type CaseResult, type Figure, inPrecision } from '../../result/record/case-result.js';
import type { Result } from '../../result/record/result.js';
import { renderRatio, renderScientific } from '../../support/figures.js';
import { uniqueOf } from '../../support/group.js';
import { explainEngine } from '../explain.js';
import { codeSpan, escapeMarkdown, renderTable } from '../markdown-text.js';
import { type AlignmentWords, alignmentWords, type Language } from './alignment-words.js';
import { arrangeAlignment, type PortAlignment, type StepAlignment } from './arrange-alignment.js';

/** The five steps in which Paddle's porters align a network, for a pull request: a section for each port. */
export function renderAlignment(result: Result, language: Language): string {
  const words = alignmentWords[language];
  const sections = arrangeAlignment(result).map((alignment) => renderPort(alignment, result, words));
  const noise = words.noise.replace('float32', result.cases[0]?.goldens.precision ?? 'float32');
  return `${sections.join('\n')}\n${result.partial ? `${words.partial}\n\n` : ''}${noise}\n`;
}

function renderPort({ port, cases, steps }: PortAlignment, result: Result, words: AlignmentWords): string {
  const { facts, header } = words;
  const engines = cases.flatMap(({ engine }) => (engine === null ? [] : [explainEngine(engine)]));
  const precision = cases.map(({ goldens }) => inPrecision(goldens))[0] ?? '';
  const rows = [
    [facts.engine, join(engines)],
    [facts.model, join(cases.map(({ model }) => model))],
    [facts.reference, join(cases.map(({ goldens }) => goldens.madeBy))],
    [facts.bundles, cases.map(renderGolden).join(', ')],
    [
      facts.judge,
      escapeMarkdown(`tipcheck ${result.tipcheckVersion}, ${result.limits}, ${result.goldens}${precision}`),
    ],
    [facts.command, codeSpan(['tipcheck', ...result.command].join(' '))],
  ];
  return [
    `# ${escapeMarkdown(words.title(port))}\n`,
    renderTable(['', ''], rows),
    renderTable(
      [header.step, header.result, header.compared, header.worst, header.fault],
      steps.map((step) => renderStep(step, words)),
    ),
  ].join('\n');
}

function renderStep(step: StepAlignment, words: AlignmentWords): string[] {
  const { name, state, compared, uninformative, waived, worst } = step;
  const asides = [
    ...(uninformative > 0 ? [words.uninformative(uninformative)] : []),
    ...(waived > 0 ? [words.waived(waived)] : []),
  ];
  return [
    words.steps[name],
    words.states[state],
    [compared, ...asides].join(', '),
    worst === null
      ? '–'
      : `${words.ofLimit(renderValue(worst.figure, words), renderLimit(worst.figure))} ${codeSpan(worst.probe)}`,
    renderFault(step, words),
  ];
}

function renderFault({ name, state, fault }: StepAlignment, words: AlignmentWords): string {
  if (fault === null) return state === 'not-judged' ? words.needs[name] : '–';
  const { bundle, probe, figure, isOwn, reason } = fault;
  const found =
    figure === null ? escapeMarkdown(reason) : words.beyond(renderValue(figure, words), renderLimit(figure), isOwn);
  const where = probe === null ? escapeMarkdown(bundle) : `${codeSpan(probe)} (${escapeMarkdown(bundle)})`;
  return `${where}${words.colon}${found}`;
}

function renderValue({ unit, value }: Figure, { units }: AlignmentWords): string {
  const digits = unit === 'pixels' ? String(value) : isMultiple(unit) ? renderRatio(value) : renderScientific(value);
  return `${digits} ${units[unit]}`.trim();
}

/** In the unit of its value. */
function renderLimit({ unit, limit }: Figure): string {
  return isMultiple(unit) || unit === 'pixels' ? String(limit) : renderScientific(limit);
}

function isMultiple(unit: Figure['unit']): boolean {
  return unit === '× noise' || unit === 'z';
}

function renderGolden({ bundle, goldens }: CaseResult): string {
  return `${escapeMarkdown(bundle)} (sha256 ${escapeMarkdown(goldens.caseSha256.slice(0, 12))})`;
}

function join(texts: readonly string[]): string {
  return texts.length === 0 ? '–' : uniqueOf(texts).map(escapeMarkdown).join('; ');
}
