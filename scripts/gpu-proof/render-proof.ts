import { join } from 'node:path';
import { renderTimes } from '../../harness/support/figures.js';
import { renderTable } from '../../harness/support/table.js';
import type { Proof, ProvedStage } from './proof.js';
import { readContent } from './read-content.js';

/** One table of the stages, one of the times, and a line that says what it comes to. */
export function renderProof({ rehearsal, stages, leftOut, forwards }: Proof): string {
  const { bundle, size } = readContent(rehearsal).forward;
  const times = (multiple: number | null) => (multiple === null ? '' : renderTimes(multiple));
  const rows = stages.map(({ name, device, outcome, seconds, own, accumulated, spread }) => [
    ...[name, device, outcome, `${seconds.toFixed(0)} s`],
    ...[own, accumulated, spread].map(times),
  ]);
  const titles = ['stage', 'device', 'outcome', 'took', 'own', 'accumulated', 'spread'];
  const inMs = (ms: number | null) => (ms === null ? '' : `${ms.toFixed(0)} ms`);
  const timed = forwards.map(({ by, device, batch, scoresMs, ms, peakRssMb, cardMb, failure }) => [
    ...[by, device, batch === null ? '' : `batch ${batch}`, inMs(scoresMs), ms === null ? 'no time' : inMs(ms)],
    ...[peakRssMb === null ? '' : `${peakRssMb.toFixed(0)} MB`, cardMb === null ? '' : `${cardMb.toFixed(0)} MB`],
    failure ?? '',
  ]);
  const timeTitles = [
    'forward',
    'device',
    '',
    'to the scores',
    'to logits on the host',
    'peak RSS',
    'on the cards',
    '',
  ];
  const reasons = stages.flatMap(({ name, because }) => (because === null ? [] : [`${name}: ${because}`]));
  return [
    renderTable([titles, ...rows], [3, 4, 5, 6]),
    '',
    `One forward of ${bundle} at ${size.join('×')}, the median of five`,
    renderTable([timeTitles, ...timed], [3, 4, 5, 6]),
    ...(reasons.length === 0 && leftOut === null ? [] : ['', ...reasons, ...(leftOut === null ? [] : [leftOut])]),
    '',
    conclude(rehearsal, stages),
  ].join('\n');
}

function conclude(rehearsal: boolean, stages: readonly ProvedStage[]): string {
  const wanted = stages.filter(({ outcome }) => outcome === 'as wanted').length;
  const what = rehearsal ? 'A rehearsal on the CPU, which proves nothing of a card' : 'The proof';
  return `${what}: ${wanted} of ${stages.length} stages are as wanted.`;
}

/** The commands that read what was left. */
export function renderCertificateHint(folder: string, stages: readonly ProvedStage[]): string {
  const runs = stages.filter(
    ({ own, accumulated, name, outcome }) =>
      own !== null || accumulated !== null || (/^evaluation/.test(name) && outcome !== 'not run'),
  );
  const folders = runs.map(({ name }) => join(folder, name)).join(' ');
  return folders === ''
    ? ''
    : `For a certificate: npx tipcheck certificate ${folders} --out ${join(folder, 'certificate')}`;
}
