import type {
  Certificate,
  CertificateCell,
  CertificateColumn,
  CertifiedRun,
  RefusedRun,
} from '../result/certificate.js';
import type { Result } from '../result/record/result.js';
import { packageVersion } from '../support/package-root.js';
import { caseCellsOf, type KnownGoldens } from './certify-cases.js';
import { stepCellsOf } from './certify-steps.js';
import { joinVerdicts } from './summarise.js';
import { type RowTitles, titleRows } from './title-rows.js';

export interface RunToCertify {
  readonly result: Result;
  /** Where its report lies, from the certificate. */
  readonly href: string;
  /**
   * What `verify` could not check, how many of its files were away, and which goldens have changed since. Absent:
   * nothing was checked.
   */
  readonly unchecked?: readonly string[];
  readonly away?: number;
  readonly otherGoldens?: readonly string[];
}

/**
 * Stored runs as a table. Of each place the newest run counts; the others are named, and so are those that were
 * refused.
 */
export function certifyRuns(
  runs: readonly RunToCertify[],
  refused: readonly RefusedRun[],
  known: KnownGoldens,
  madeAt = new Date(),
): Certificate {
  const newest = [...runs].sort((a, b) => (a.result.startedAt < b.result.startedAt ? 1 : -1));
  const places = new Map<string, CertificateCell[]>();
  const titles = titleRows(newest.map(({ result }) => result));
  for (const cell of newest.flatMap((run) => cellsOf(run.result, known, titles).map((cell) => withLook(cell, run))))
    places.set(placeOf(cell), [...(places.get(placeOf(cell)) ?? []), cell]);
  const latest = [...places.values()].map(([cell, ...older]) => ({
    ...cell!,
    older: older.map(({ runId, verdict }) => ({ runId, verdict })),
  }));
  const order = newest.map(({ result }) => result.runId);
  const cells = latest.map((cell) => countUnstarted(cell, latest, order));
  const columns = uniqueBy(
    cells.map(({ mode, port, device }) => ({ mode, port, device })),
    keyOfColumn,
  );
  return {
    format: 'tipcheck-certificate/1',
    madeAt: madeAt.toISOString(),
    tipcheckVersion: packageVersion,
    models: [...new Set(cells.map(({ model }) => model))].sort(),
    columns: columns.sort((a, b) => (rankOf(a) < rankOf(b) ? -1 : 1)),
    cells: cells.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1)),
    runs: newest.map(describeRun),
    refused,
  };
}

/**
 * A run that never started an engine names no device. So it counts against each device of its model, mode and port that
 * has no newer run: an older green there would hide it.
 * @param order ids of runs, the newest first
 */
function countUnstarted(
  cell: CertificateCell,
  latest: readonly CertificateCell[],
  order: readonly string[],
): CertificateCell {
  if (cell.device === 'unknown') return cell;
  const column = keyOfColumn({ ...cell, device: 'unknown' });
  const unstarted = latest.find((other) => other.model === cell.model && keyOfColumn(other) === column);
  if (unstarted === undefined || order.indexOf(unstarted.runId) > order.indexOf(cell.runId)) return cell;
  const where = unstarted.runId === cell.runId ? 'in the same run' : `in the newer run ${unstarted.runId}`;
  const reasons = unstarted.reasons.map((reason) => `${where}, on a device that is not known, ${reason}`);
  return { ...cell, verdict: joinVerdicts([cell.verdict, unstarted.verdict]), reasons: [...cell.reasons, ...reasons] };
}

/** The places that a run fills, each with all of its cases, or all steps of a TIPC mode. */
function cellsOf(result: Result, known: KnownGoldens, titles: RowTitles): CertificateCell[] {
  const { tipc } = result;
  return tipc === undefined ? caseCellsOf(result, known) : stepCellsOf(result, tipc, titles(tipc));
}

/** What was seen of the run when the table was made. */
function withLook(
  cell: CertificateCell,
  { unchecked = [], away = 0, otherGoldens = [] }: RunToCertify,
): CertificateCell {
  return {
    ...cell,
    ...(unchecked.length === 0 ? {} : { unchecked }),
    ...(away === 0 ? {} : { away }),
    ...(otherGoldens.length === 0 ? {} : { otherGoldens }),
  };
}

function describeRun({ result, href }: RunToCertify): CertifiedRun {
  const { runId, startedAt, tipcheckVersion, command, suite, verdict, machine } = result;
  return { runId, startedAt, tipcheckVersion, command, suite, verdict, machine, href };
}

function keyOfColumn({ mode, port, device }: CertificateColumn): string {
  return JSON.stringify([mode, port, device]);
}

/** What no suite planned comes last. */
function rankOf(column: CertificateColumn): string {
  return `${column.mode.startsWith('judge ') ? 1 : 0}${keyOfColumn(column)}`;
}

function placeOf(cell: CertificateCell): string {
  return JSON.stringify([cell.model, keyOfColumn(cell)]);
}

function uniqueBy<T>(values: readonly T[], keyOf: (value: T) => string): T[] {
  return [...new Map(values.map((value) => [keyOf(value), value])).values()];
}
