import type { Certificate, CertifiedPart, HashedFile } from '../../result/certificate.js';
import { renderCount } from '../../support/figures.js';
import { readPackageText } from '../../support/package-root.js';
import { type Markup, markup, raw } from '../markup.js';
import {
  type CellView,
  cellWord,
  countRuns,
  describeGround,
  describeRefusal,
  findCell,
  refusedNote,
  spansOf,
  viewCells,
} from './arrange-certificate.js';
import { linkTo } from './link-to.js';

/** One page that needs nothing else: the table, what each cell stands on, and all runs. No network and no script. */
export function renderCertificatePage(certificate: Certificate): string {
  const views = viewCells(certificate);
  const { madeAt, tipcheckVersion } = certificate;
  return markup`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>What has been judged · tipcheck certificate</title>
<link rel="icon" href="data:,">
<style>${raw(readPackageText('harness/reporters/page/style.css'))}${raw(readPackageText('harness/reporters/certificate/certificate.css'))}</style>
<header>
<h1>What has been judged</h1>
<p class="run">${countVerdicts(views)} · of ${countRuns(certificate)} · made <time datetime="${madeAt}">${madeAt.slice(0, 10)}</time> by tipcheck ${tipcheckVersion}</p>
</header>
<main>
${renderTable(certificate, views)}
${renderRefused(certificate)}
<p class="note">Each cell is the newest run of a model in a mode, through a port, on a device. An empty one has never run. <em>Reduced</em>: less ran than the file asks
for; how much less stands below. <em>Stand-in data</em>: pictures that tipcheck ships, in place of the data that the yml names. <em>Files away</em>: not all that the run names was
there to be looked at again. The modes <em>judge …</em> are single runs of <code>tipcheck judge</code>: what they ran on, they say below, and no suite says what is missing.</p>
<section aria-labelledby="cells"><h2 id="cells">What each cell stands on</h2>
${views.map((view) => renderCell(view, certificate))}
</section>
${renderRuns(certificate)}
</main>
</html>
`.source;
}

export function countVerdicts(views: readonly CellView[]): string {
  const words = views.map(({ cell }) => cellWord(cell));
  return [...new Set(words)]
    .sort()
    .map((word) => `${words.filter((other) => other === word).length} ${word}`)
    .join(', ');
}

function renderTable(certificate: Certificate, views: readonly CellView[]): Markup {
  const { models, columns } = certificate;
  const modes = spansOf(columns.map(({ mode }) => mode));
  const ports = modes.flatMap(({ value }) =>
    spansOf(columns.filter(({ mode }) => mode === value).map(({ port }) => port)),
  );
  return markup`<div class="wide" tabindex="0" role="region" aria-label="Verdicts"><table class="certificate">
<thead>
<tr><th scope="col" rowspan="3">model${modes.map(({ value, span }) => markup`<th scope="colgroup" colspan="${span}">${value}`)}
<tr>${ports.map(({ value, span }) => markup`<th scope="colgroup" colspan="${span}">${value}`)}
<tr>${columns.map(({ device }) => markup`<th scope="col">${device}`)}
<tbody>
${models.map((model) => markup`<tr><th scope="row">${model}${columns.map((column) => renderPlace(findCell(views, model, column)))}\n`)}
</table></div>`;
}

function renderPlace(view: CellView | null): Markup {
  if (view === null) return markup`<td class="never"><span class="muted" title="never run">·</span>`;
  const { cell, day, anchor } = view;
  return markup`<td><a class="tag ${cell.verdict}" href="#${anchor}">${cellWord(cell)}</a> <time datetime="${day}">${day}</time>`;
}

function renderCell({ cell, run, day, anchor }: CellView, { runs }: Certificate): Markup {
  const { cpu, cores, memoryGb, platform, node } = run.machine;
  const rows: (readonly [string, Markup | string])[] = [
    ['run', markup`<a href="${linkTo(run.href)}">${run.runId}</a>, ${day}, tipcheck ${run.tipcheckVersion}`],
    ['command', markup`<code>tipcheck ${run.command.join(' ')}</code>`],
    ['engine', cell.engines.length === 0 ? 'did not start' : cell.engines.join('; ')],
    ['hardware', `${cpu}, ${renderCount(cores, 'core')}, ${memoryGb} GB, ${platform}, Node ${node}`],
  ];
  if (cell.older.length > 0) {
    const links = cell.older.map((older, at) => {
      const other = runs.find(({ runId }) => runId === older.runId)!;
      return markup`${at === 0 ? '' : ', '}<a href="${linkTo(other.href)}">${other.startedAt.slice(0, 10)}</a> <span class="tag ${older.verdict}">${older.verdict}</span>`;
    });
    rows.push(['older runs', markup`${links}`]);
  }
  return markup`<article class="cell" id="${anchor}">
<h3><span class="tag ${cell.verdict}">${cellWord(cell)}</span> ${cell.model} · ${cell.mode} · ${cell.port} · ${cell.device}</h3>
${renderSentences(cell.reasons, 'why')}${renderSentences(
  cell.deviations.map((text) => `reduced: ${text}`),
  'why',
)}
<dl>${rows.map(([name, value]) => markup`<dt>${name}<dd>${value}\n`)}</dl>
${renderSentences(describeGround(cell), 'ground')}
${renderParts(cell.parts)}
</article>
`;
}

function renderRefused({ refused }: Certificate): Markup | null {
  if (refused.length === 0) return null;
  const items = refused.map(
    (run) => markup`<li><a href="${linkTo(run.href)}">${run.runId ?? run.href}</a>: ${describeRefusal(run)}\n`,
  );
  return markup`<section aria-labelledby="refused"><h2 id="refused">Refused</h2>
<p class="note">${refusedNote}</p>
<ul class="why">${items}</ul></section>`;
}

function renderSentences(sentences: readonly string[], className: string): Markup | null {
  if (sentences.length === 0) return null;
  return markup`<ul class="${className}">${sentences.map((text) => markup`<li>${text}`)}</ul>`;
}

function renderParts(parts: readonly CertifiedPart[]): Markup {
  const hash = (file: HashedFile | null) =>
    file === null ? markup`–` : markup`<code class="hash" title="${file.sha256}">${file.sha256.slice(0, 16)}</code>`;
  const rows = parts.map(
    ({ name, verdict, golden, weights }) =>
      markup`<tr><th scope="row">${name}<td><span class="tag ${verdict}">${verdict}</span><td>${hash(golden)}<td>${weights.length === 0 ? '–' : weights.map((file, at) => markup`${at === 0 ? '' : ', '}${file.name} ${hash(file)}`)}\n`,
  );
  return markup`<details><summary>${renderCount(parts.length, 'part')}, with SHA-256 of goldens and weights</summary>
<div class="wide" tabindex="0" role="region" aria-label="Parts"><table>
<thead><tr><th scope="col">part<th scope="col">verdict<th scope="col">golden<th scope="col">weights
<tbody>${rows}</table></div></details>`;
}

function renderRuns({ runs }: Certificate): Markup {
  const rows = runs.map(
    ({ runId, href, startedAt, verdict, suite, command, tipcheckVersion, machine }) =>
      markup`<tr><th scope="row"><a href="${linkTo(href)}">${runId}</a><td>${startedAt.slice(0, 16).replace('T', ' ')}<td><span class="tag ${verdict}">${verdict}</span><td>${suite ?? '–'}<td><code>${command.join(' ')}</code><td>${tipcheckVersion}<td>${machine.cpu}\n`,
  );
  return markup`<section aria-labelledby="runs"><h2 id="runs">All runs</h2>
<div class="wide" tabindex="0" role="region" aria-label="All runs"><table class="runs">
<thead><tr><th scope="col">run<th scope="col">began, UTC<th scope="col">verdict<th scope="col">suite<th scope="col">command<th scope="col">tipcheck<th scope="col">processor
<tbody>${rows}</table></div></section>`;
}
