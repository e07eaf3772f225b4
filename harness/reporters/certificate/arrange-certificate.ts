import type { Certificate, CertificateCell, CertificateColumn, CertifiedRun } from '../../certificate.js';

/** A cell with what its reader needs beside it. */
export interface CellView {
  readonly cell: CertificateCell;
  readonly run: CertifiedRun;
  /** `2026-11-27`. */
  readonly day: string;
  /** Of its entry below the table, unique in the document. */
  readonly anchor: string;
}

export function viewCells({ cells, runs }: Certificate): readonly CellView[] {
  const byId = new Map(runs.map((run) => [run.runId, run]));
  return cells.map((cell, at) => {
    const run = byId.get(cell.runId);
    if (run === undefined) throw new Error(`the certificate names the run ${cell.runId}, which it does not hold`);
    return { cell, run, day: run.startedAt.slice(0, 10), anchor: `cell-${at + 1}` };
  });
}

export function findCell(views: readonly CellView[], model: string, column: CertificateColumn): CellView | null {
  return views.find(({ cell }) => cell.model === model && isOfColumn(cell, column)) ?? null;
}

/** Columns side by side that have one heading: how often each follows itself. */
export function spansOf(values: readonly string[]): { readonly value: string; readonly span: number }[] {
  const spans: { value: string; span: number }[] = [];
  for (const value of values) {
    const last = spans.at(-1);
    if (last?.value === value) last.span += 1;
    else spans.push({ value, span: 1 });
  }
  return spans;
}

/** What a cell shows: its verdict, and whether less ran than was asked for. */
export function cellWord({ verdict, deviations }: CertificateCell): string {
  const word = verdict === 'not-run' ? 'not run' : verdict;
  return deviations.length === 0 ? word : `${word}, reduced`;
}

function isOfColumn(cell: CertificateColumn, column: CertificateColumn): boolean {
  return cell.mode === column.mode && cell.port === column.port && cell.device === column.device;
}
