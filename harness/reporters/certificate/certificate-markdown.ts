import type { Certificate, CertificateCell, RefusedRun } from '../../result/certificate.js';
import { renderCount } from '../../support/figures.js';
import { codeSpan, escapeMarkdown, renderTable } from '../markdown-text.js';
import {
  type CellView,
  cellWord,
  countRuns,
  describeGround,
  describeRefusal,
  findCell,
  refusedNote,
  viewCells,
} from './arrange-certificate.js';
import { countVerdicts } from './certificate-page.js';
import { linkTo } from './link-to.js';

/** The same for a README: the table, each cell linking its run, and what the cells stand on. */
export function renderCertificateMarkdown(certificate: Certificate): string {
  const { models, columns, madeAt, tipcheckVersion, refused } = certificate;
  const views = viewCells(certificate);
  const head = [
    'model',
    ...columns.map(
      ({ mode, port, device }) => `${escapeMarkdown(mode)} · ${escapeMarkdown(port)} · ${escapeMarkdown(device)}`,
    ),
  ];
  const rows = models.map((model) => [
    escapeMarkdown(model),
    ...columns.map((column) => renderPlace(findCell(views, model, column))),
  ]);
  return [
    '# What has been judged\n',
    `${countVerdicts(views)}, of ${countRuns(certificate)}; made ${madeAt.slice(0, 10)} by tipcheck ${tipcheckVersion}. Each cell is the newest run; an empty one has never run.\n`,
    renderTable(head, rows),
    ...renderRefused(refused),
    '## What each cell stands on\n',
    ...views.map(renderCell),
  ].join('\n');
}

function renderRefused(refused: readonly RefusedRun[]): string[] {
  if (refused.length === 0) return [];
  const lines = refused.map(
    (run) =>
      `- [${escapeMarkdown(run.runId ?? run.href)}](${linkTo(run.href)}): ${escapeMarkdown(describeRefusal(run))}\n`,
  );
  return ['## Refused\n', `${refusedNote}\n`, lines.join('')];
}

function renderPlace(view: CellView | null): string {
  if (view === null) return '';
  const { cell, run, day } = view;
  return `[${cellWord(cell)}](${linkTo(run.href)}) ${escapeMarkdown(day)}`;
}

function renderCell({ cell, run, day }: CellView): string {
  const { cpu, cores, memoryGb, platform, node } = run.machine;
  const lines = [
    `**${cellWord(cell)}** ${escapeMarkdown(`${cell.model} · ${cell.mode} · ${cell.port} · ${cell.device}`)}`,
    ...[...cell.reasons, ...cell.deviations.map((text) => `reduced: ${text}`)].map(escapeMarkdown),
    `run [${escapeMarkdown(run.runId)}](${linkTo(run.href)}), ${escapeMarkdown(day)}, tipcheck ${escapeMarkdown(run.tipcheckVersion)}: ${codeSpan(`tipcheck ${run.command.join(' ')}`)}`,
    escapeMarkdown(
      `${cell.engines.join('; ') || 'no engine started'}; ${cpu}, ${renderCount(cores, 'core')}, ${memoryGb} GB, ${platform}, Node ${node}`,
    ),
    ...describeGround(cell).map(escapeMarkdown),
    renderHashes(cell),
    ...(cell.older.length === 0
      ? []
      : [`older runs: ${cell.older.map(({ runId, verdict }) => `${escapeMarkdown(runId)} (${verdict})`).join(', ')}`]),
  ];
  return `- ${lines.join('\\\n  ')}\n`;
}

function renderHashes({ parts }: CertificateCell): string {
  const files = parts.flatMap(({ golden, weights }) => [...(golden === null ? [] : [golden]), ...weights]);
  const unique = [...new Map(files.map((file) => [`${file.name} ${file.sha256}`, file])).values()];
  return `SHA-256: ${unique.map(({ name, sha256 }) => `${escapeMarkdown(name)} ${codeSpan(sha256.slice(0, 16))}`).join(', ')}`;
}
