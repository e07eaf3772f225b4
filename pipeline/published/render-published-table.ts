import type { PublishedMode, ReleasedModel } from '../../models/released-model.js';

/** One figure measured beside the published one. */
export interface PublishedRow {
  readonly model: ReleasedModel;
  readonly mode: PublishedMode;
  /** A share, 0 to 1. */
  readonly mIoU: number;
  /** How many images it was measured on, and how many of the classes these have. */
  readonly images: number;
  readonly classes: { readonly present: number; readonly all: number };
}

/** Below this a difference is shown as 0.00, without a sign. */
const roundingPoints = 0.005;

/**
 * Rows as text: mIoU in percent, ours beside the published one, and the difference in points. Where the data are not
 * those of the published figures, there is no difference, and a last line says so.
 */
export function renderPublishedTable(rows: readonly PublishedRow[]): string {
  const cells = rows.map((row) => [
    row.model.name,
    row.mode,
    (100 * row.mIoU).toFixed(2),
    row.model.published[row.mode].toFixed(2),
    isComparable(row) ? renderDifference(row) : '–',
  ]);
  const lines = alignColumns([['Model', 'Mode', 'mIoU %', 'Published', 'Difference'], ...cells]);
  return [...lines, ...renderNotes(rows)].join('\n');
}

/** Ours minus the published, in points of percent; null where they are not of the same data. */
export function publishedDifference(row: PublishedRow): number | null {
  return isComparable(row) ? 100 * row.mIoU - row.model.published[row.mode] : null;
}

function isComparable({ model, images, classes }: PublishedRow): boolean {
  return images === model.dataSet.images && classes.present === classes.all;
}

function renderDifference(row: PublishedRow): string {
  const points = publishedDifference(row)!;
  return Math.abs(points) < roundingPoints ? '0.00' : `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(2)}`;
}

function renderNotes(rows: readonly PublishedRow[]): string[] {
  const other = rows.find((row) => !isComparable(row));
  if (other === undefined) return [];
  const { images, classes, model } = other;
  const missing = classes.present < classes.all ? ` with ${classes.present} of ${classes.all} classes` : '';
  return [
    `The published figures are of the ${model.dataSet.images} images of ${model.dataSet.name}; these are of ${images}${missing}, so no difference is given.`,
  ];
}

/** Names to the left, figures to the right, two blanks between. */
function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  '),
  );
}
