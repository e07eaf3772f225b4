import type {
  Certificate,
  CertificateCell,
  CertificateColumn,
  CertifiedRun,
  RefusedRun,
} from '../../result/certificate.js';
import { renderCount } from '../../support/figures.js';

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

/** What a cell shows: its verdict, and what makes that say less than it seems to. */
export function cellWord({ verdict, deviations, inputs, away, otherGoldens, parts }: CertificateCell): string {
  // Steps of TIPC's modes are held to no golden, but to what they read.
  const isUnrecorded = inputs === undefined && parts.some(({ golden }) => golden === null);
  return [
    verdict === 'not-run' ? 'not run' : verdict,
    ...(deviations.length === 0 ? [] : ['reduced']),
    ...(inputs?.data.some(({ standsInFor }) => standsInFor !== null) ? ['stand-in data'] : []),
    ...(isUnrecorded ? ['inputs not recorded'] : []),
    ...(otherGoldens === undefined ? [] : ['goldens of another version']),
    ...(away === undefined ? [] : ['files away']),
  ].join(', ');
}

/** What a cell stands on and what could not be looked at, a sentence each. */
export function describeGround({ inputs, unchecked = [], otherGoldens = [] }: CertificateCell): string[] {
  const hash = (sha256: string | null) => (sha256 === null ? '' : `, SHA-256 ${sha256.slice(0, 16)}`);
  return [
    ...(inputs?.configs ?? []).map(({ name, sha256 }) => `yml ${name}${hash(sha256)}`),
    ...(inputs?.data ?? []).map(
      ({ name, images, sha256, standsInFor }) =>
        `data ${name}: ${images === null ? 'not listed' : renderCount(images, 'picture')}${hash(sha256)}${standsInFor === null ? '' : `; stand-in data: pictures that tipcheck ships, not ${standsInFor}`}`,
    ),
    ...otherGoldens,
    ...unchecked.map((text) => `not checked: ${text}`),
  ];
}

/** `3 stored runs; 1 run refused`: what a table is made of, and what was given in vain. */
export function countRuns({ runs, refused }: Certificate): string {
  const stored = renderCount(runs.length, 'stored run');
  return refused.length === 0 ? stored : `${stored}; ${renderCount(refused.length, 'run')} refused`;
}

export const refusedNote =
  'These runs are in no cell, for what they say cannot be believed. Where a cell would be theirs, an older run may stand in it, or none.';

/** Why a run is in no cell. */
export function describeRefusal({ fault, otherFaults }: RefusedRun): string {
  return otherFaults === 0 ? fault : `${fault}, and ${renderCount(otherFaults, 'other fault')}`;
}

function isOfColumn(cell: CertificateColumn, column: CertificateColumn): boolean {
  return cell.mode === column.mode && cell.port === column.port && cell.device === column.device;
}
