import { basename } from 'node:path';
import { type AbsentClass, classIou } from '../../harness/metrics/confusion.js';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import type { Comparison } from '../../harness/support/comparison.js';
import { UserError } from '../../harness/support/errors.js';
import { whyUnread } from '../../harness/support/explain-system.js';
import { renderCount } from '../../harness/support/figures.js';
import { readPlainText } from '../../harness/support/plain-file.js';
import { renderTable } from '../../harness/support/table.js';
import { expandGlob } from './expand-glob.js';
import { type JudgedMetric, judgeMetrics } from './judge-metrics.js';
import { measurePredictions } from './measure-predictions.js';
import { parseTipcMetrics, renderTipcMetrics, slotOf, type TipcMetrics } from './metrics-file.js';
import { type Metrics, segmentationMetrics } from './segmentation-metrics.js';

export interface MetricsOptions {
  readonly predict_dir: readonly string[];
  readonly gt_dir: string;
  readonly num_classes: number;
  readonly ignore_index: number;
  readonly metric_file?: readonly string[];
  readonly write_metrics?: string;
  readonly absent: AbsentClass;
  readonly atol: number;
  readonly rtol: number;
}

/**
 * What TIPC's compare_results.py is for: folders of predictions against ground truth, and their metrics against
 * reference files, each folder against the file of its precision. Everything that is needed is read, and judged to be
 * there, before anything is measured.
 */
export async function compareMetrics(options: MetricsOptions): Promise<Comparison> {
  const { predict_dir, metric_file = [], write_metrics, absent, atol, rtol } = options;
  const folders = predict_dir.flatMap((pattern) => expandGlob(pattern, '--predict_dir'));
  if (metric_file.length === 0 && write_metrics === undefined)
    throw new UserError(
      'Cannot compare predictions: no --metric_file is given, so that there is nothing to compare their metrics with; a reference is wanted. Fix: --metric_file <file>, or --write_metrics <file> to make one',
    );
  if (write_metrics !== undefined && folders.length !== 1)
    throw new UserError(`Cannot write the metrics of ${folders.length} folders into one file; one folder is wanted`);
  const paths = metric_file.flatMap((pattern) => expandGlob(pattern, '--metric_file'));
  const references = await Promise.all(paths.map(readReference));
  const planned = folders.map((folder) => ({
    folder,
    reference: metric_file.length === 0 ? null : chooseReference(folder, references),
  }));
  const idle = references.filter((one) => !planned.some(({ reference }) => reference === one));
  const measured: MeasuredFolder[] = [];
  for (const { folder, reference } of planned) measured.push(await measureFolder(folder, reference, options));
  const odd = [...measured[0]!.metrics].find(([, value]) => ![value].flat().every(Number.isFinite));
  if (write_metrics !== undefined && odd !== undefined)
    throw new UserError(
      `Cannot write ${write_metrics}: ${odd[0]} is not a finite number here, so that nothing could be compared with it; finite metrics are wanted${absent === 'skip' ? '. Fix: --absent 1' : ''}`,
    );
  if (write_metrics !== undefined)
    await writeAtomicFile(write_metrics, renderTipcMetrics(tipcMetrics(measured[0]!.metrics)));
  const verdict = measured.every(({ judged }) => judged.every(({ agrees }) => agrees)) ? 'agree' : 'differ';
  return {
    verdict,
    text: `${measured.map(renderFolder).join('\n')}${idle.map(renderIdle).join('')}${write_metrics === undefined ? '' : `written: ${write_metrics}\n`}`,
    json: {
      kind: 'metrics',
      atol,
      rtol,
      unused: idle.map(({ source }) => source),
      folders: measured.map(({ metrics, ...rest }) => ({ ...rest, metrics: Object.fromEntries(metrics) })),
    },
  };
}

interface MeasuredFolder {
  readonly folder: string;
  readonly reference: string | null;
  readonly images: number;
  readonly unused: number;
  /** Classes that labels or predictions have. */
  readonly present: number;
  readonly classes: number;
  readonly metrics: Metrics;
  readonly judged: readonly JudgedMetric[];
}

async function measureFolder(
  folder: string,
  reference: TipcMetrics | null,
  { gt_dir, num_classes, ignore_index, absent, atol, rtol }: MetricsOptions,
): Promise<MeasuredFolder> {
  const found = await measurePredictions(folder, gt_dir, num_classes, ignore_index);
  const present = classIou(found.confusion).filter((iou) => iou !== null).length;
  if (present === 0)
    throw new UserError(
      `Cannot compare ${folder}: every pixel of its ground truth is ignored; labels with classes are wanted`,
    );
  const metrics = segmentationMetrics(found, absent);
  return {
    folder,
    reference: reference?.source ?? null,
    images: found.images,
    unused: found.unused,
    present,
    classes: num_classes,
    metrics,
    judged: reference === null ? [] : judgeMetrics(metrics, reference, atol, rtol),
  };
}

async function readReference(path: string): Promise<TipcMetrics> {
  try {
    const found = parseTipcMetrics(await readPlainText(path), path);
    if ([...found.values.keys()].some((name) => name !== '#Images')) return found;
    throw new UserError(
      `Cannot read the metrics ${path}: it has #Images alone, which measures nothing; a metric beside it is wanted`,
    );
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `Cannot read the metrics ${path}: ${whyUnread(error, path)}; a file of name:value lines is wanted`,
    );
  }
}

/** By precision, as TIPC has it: fp32, fp16 or int8 in both names. One reference without any is for all folders. */
function chooseReference(folder: string, references: readonly TipcMetrics[]): TipcMetrics {
  const name = basename(folder);
  const slot = slotOf(name);
  const [first] = references;
  if (references.length === 1 && first !== undefined && (slot === null || slotOf(basename(first.source)) === null))
    return first;
  const own = references.filter(({ source }) => slotOf(basename(source)) === slot);
  if (own.length === 1 && slot !== null) return own[0]!;
  const files = references.map(({ source }) => basename(source)).join(', ');
  if (slot === null)
    throw new UserError(
      `Cannot compare ${folder}: its name holds none of fp32, fp16, int8, and there are ${references.length} references (${files}); one reference is wanted`,
    );
  throw new UserError(
    `Cannot compare ${folder}: its name says ${slot}, and ${own.length === 0 ? 'none' : own.length} of the references (${files}) ${own.length === 1 ? 'is' : 'are'} of ${slot}; one is wanted`,
  );
}

/** A pattern may name more references than there are folders; one that nothing is held against is said. */
function renderIdle({ source }: TipcMetrics): string {
  return `note: nothing was compared with ${source}: no folder is of its precision\n`;
}

function renderFolder(found: MeasuredFolder): string {
  const { folder, reference, images, unused, present, classes, metrics, judged } = found;
  const spare = unused === 0 ? '' : `; ${renderCount(unused, 'more label has', 'more labels have')} no prediction`;
  const head = `${folder}: ${renderCount(images, 'picture')}, ${present} of ${classes} classes present${spare}`;
  if (reference === null) {
    const rows = [...metrics].map(([name, value]) => [
      name,
      typeof value === 'number' ? show(value) : value.map(show).join(' '),
    ]);
    return `${head}\n${indent(renderTable(rows))}\n`;
  }
  const failed = judged.filter(({ agrees }) => !agrees).length;
  const verdict =
    failed === 0 ? `all ${judged.length} numbers agree` : `${failed} of ${judged.length} numbers do not agree`;
  return `${head}, against ${reference}\n${indent(renderJudged(judged))}\n${failed === 0 ? 'pass' : 'fail'}  ${verdict}\n`;
}

/** Numbers of single classes are shown where they fail; --json has all. */
function renderJudged(judged: readonly JudgedMetric[]): string {
  const rows = judged
    .filter(({ name, agrees }) => !agrees || !name.startsWith('Class'))
    .map(({ name, actual, expected, difference, allowed, agrees }) => [
      agrees ? ' ' : '✕',
      name,
      show(actual),
      show(expected),
      difference.toExponential(1),
      allowed.toExponential(1),
    ]);
  const rest = judged.length - rows.length;
  const more = rest === 0 ? '' : `\n   and ${renderCount(rest, 'number')} of single classes, which agree`;
  return `${renderTable([['', 'metric', 'found', 'wanted', 'difference', 'allowed'], ...rows], [2, 3, 4, 5])}${more}`;
}

/** What TIPC's own references hold, and no more, so that compare_results.py reads it, too. */
function tipcMetrics(metrics: Metrics): Metrics {
  const names = ['#Images', 'mIoU', 'Acc', 'Kappa', 'Class IoU', 'Class Acc'];
  return new Map([...metrics].filter(([name]) => names.includes(name)));
}

function show(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(6);
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
