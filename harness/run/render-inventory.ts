import type { CaseProbe } from '../golden/case-file.js';
import { renderTable } from '../support/table.js';
import type { Inventory } from './inventory.js';
import type { BundleEntry, SuiteEntry } from './suite-entries.js';

/** What this installation has, as `list` shows it. */
export function renderInventory({ ports, models, suites, bundles, curves, evaluations, configs }: Inventory): string {
  const parts: [string, string][] = [
    ['Ports', ports.join('\n')],
    ['Models', models.join('\n')],
    ['Suites', renderTable(suites.map((suite) => [suite.name, suite.ports.join(', '), renderGoldens(suite)]))],
    ['Bundles', renderTable([bundleHead, ...bundles.map(bundleRow)], [3, 4])],
    ['Loss curves', curves.join('\n')],
    ['Evaluations', evaluations.join('\n')],
    ['Configs', configs.join('\n')],
  ];
  return parts.map(([title, body]) => `${title}\n${body === '' ? '  none' : indent(body)}`).join('\n\n');
}

function renderGoldens({ bundles, curves, evaluations }: SuiteEntry): string {
  const parts = [
    bundles.join(' '),
    ...curves.map((name) => `curve ${name}`),
    ...evaluations.map((name) => `evaluation ${name}`),
  ];
  return parts.filter((part) => part !== '').join(', ');
}

const bundleHead = ['name', 'model', 'logits', 'probes', 'size', 'id'];

function bundleRow({ name, model, logits, probes, complete, bytes, id }: BundleEntry): string[] {
  const sampled = probes - complete;
  return [
    name,
    model,
    shape(logits ?? []),
    `${probes}${sampled === 0 ? '' : ` (${sampled} sampled)`}`,
    `${(bytes / 1e6).toFixed(1)} MB`,
    id,
  ];
}

/** A bundle and its probes. */
export function renderBundle(entry: BundleEntry, probes: readonly CaseProbe[]): string {
  const rows = probes.map(({ name, shape: extents, same_as: first, sample, noise, own_noise: own }) => [
    name,
    shape(extents),
    first !== undefined ? `that of ${first}` : sample === undefined ? 'complete' : `${sample.count} sampled`,
    noise?.rel_rms.toExponential(1) ?? '',
    own?.rel_rms.toExponential(1) ?? '',
  ]);
  return `${entry.name}: ${entry.id}, ${entry.model}, phase ${entry.phase}, ${(entry.bytes / 1e6).toFixed(1)} MB\n\n${indent(
    renderTable([['probe', 'shape', 'golden', 'noise', 'own noise'], ...rows], [3, 4]),
  )}`;
}

function shape(extents: readonly number[]): string {
  return extents.join('×');
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
